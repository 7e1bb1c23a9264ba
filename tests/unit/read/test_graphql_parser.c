#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/json/json.h"
#include "read/graphql/parser.h"
#include "read/graphql/print.h"

static const struct od_gql_limits limits = {100000, 10000, 50};

/* The document as it is printed, or its fault as "line:column message". */
static void parses_within(const struct od_gql_limits *l, struct od_str text, const char *expect)
{
    struct od_arena a;
    struct od_buf out;
    struct od_gql_faults faults;
    struct od_gql_document *document;

    od_arena_init(&a);
    od_buf_init(&out, 1 << 20);
    od_gql_faults_init(&faults, &a, 10);
    if (od_gql_parse(&a, text, l, &document, &faults) == 0) {
        od_gql_print_document(&out, document);
    } else {
        struct od_gql_place at = od_gql_place_of(text, faults.first->places[0]);
        assert_int_equal(faults.count, 1);
        od_buf_printf(&out, "%u:%u %.*s", at.line, at.column, OD_STR_ARG(faults.first->message));
    }
    if (!od_str_is(od_buf_view(&out), expect))
        fail_msg("expected <%s>, got <%.*s>", expect, OD_STR_ARG(od_buf_view(&out)));
    od_buf_fini(&out);
    od_arena_fini(&a);
}

static void parses(const char *text, const char *expect)
{
    parses_within(&limits, od_str_of(text), expect);
}

static void operations_and_fragments(void **state)
{
    (void)state;
    parses("{a}", "query { a }\n");
    parses("query Q { a } mutation { b } subscription S { c }",
           "query Q { a }\nmutation { b }\nsubscription S { c }\n");
    parses("{ b: a(x: 1, y: $v) @d(e: true) @f { c ...G ...on T @h{d} ...{e} ...@i{f} } }"
           "fragment G on on { type }",
           "query { b: a(x: 1, y: $v) @d(e: true) @f { c ...G ... on T @h { d } ... { e } ... @i "
           "{ f } } }\nfragment G on on { type }\n");
    parses("query ($a: [[Int!]]! = [[1]] @d, $b: T = {}) { a }",
           "query($a: [[Int!]]! = [[1]] @d, $b: T = { }) { a }\n");
    parses("\"q\" query Q(\"v\" $v: Int) {a} \"\"\"f\"\"\" fragment F on T {a}",
           "query Q($v: Int) { a }\nfragment F on T { a }\n");
    parses("{ query mutation fragment null: true }",
           "query { query mutation fragment null: true }\n");
}

static void what_is_ignored(void **state)
{
    (void)state;
    parses("\xef\xbb\xbf#c\r\n{,a,,\t#\xc3\xbc\n}#", "query { a }\n");
}

static void values(void **state)
{
    (void)state;
    parses("{a(i: -0, f: 1.5e+3, g: 1E2, s: \"\", n: null, e: E, b: false, l: [], o: {x: {y: 1}})}",
           "query { a(i: -0, f: 1.5e+3, g: 1E2, s: \"\", n: null, e: E, b: false, l: [], o: { x: "
           "{ y: 1 } }) }\n");
    parses("{a(x: 01)}", "1:8 Syntax Error: Invalid number, unexpected digit after 0.");
    parses("{a(x: 1.)}", "1:9 Syntax Error: Invalid number, expected a digit.");
    parses("{a(x: 1x)}", "1:8 Syntax Error: Unexpected character \"x\" behind a number.");
    parses("{a(x: 1.2.3)}", "1:10 Syntax Error: Unexpected character \".\" behind a number.");
    parses("{a(x: -)}", "1:8 Syntax Error: Invalid number, expected a digit.");
    parses("query($a: Int = $b) {a}",
           "1:17 Syntax Error: Unexpected variable \"$b\" in constant value.");
}

static void strings(void **state)
{
    (void)state;
    parses("{a(s: \"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\")}",
           "query { a(s: \"\\\"\\\\/\\b\\f\\n\\r\\t\xc3\xa9\") }\n");
    parses("{a(s: \"\\u{1F600}\\uD83D\\uDE00\")}",
           "query { a(s: \"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\") }\n");
    parses("{a(s: \"\\uD83D\")}", "1:8 Syntax Error: Invalid escape sequence in a string.");
    parses("{a(s: \"\\u{110000}\")}", "1:8 Syntax Error: Invalid escape sequence in a string.");
    parses("{a(s: \"\\u{}\")}", "1:8 Syntax Error: Invalid escape sequence in a string.");
    parses("{a(s: \"\\x\")}", "1:8 Syntax Error: Invalid escape sequence in a string.");
    parses("{a(s: \"b\n\")}", "1:9 Syntax Error: Unterminated string.");
    parses("{a(s: \"b", "1:9 Syntax Error: Unterminated string.");
    parses("{a(s: \"\xc3\")}", "1:8 Syntax Error: Unexpected byte 0xC3 in a string.");
}

static void block_strings(void **state)
{
    (void)state;
    parses("{a(s: \"\"\"\n\n    Hello,\r\n      World!\n\n    Yours,\n      \\\"\"\"\n  \"\"\")}",
           "query { a(s: \"Hello,\\n  World!\\n\\nYours,\\n  \\\"\\\"\\\"\") }\n");
    parses("{a(s: \"\"\"one\n  two\"\"\")}", "query { a(s: \"one\\ntwo\") }\n");
    parses("{a(s: \"\"\"\\n\"\"\", t: \"\"\"\"\"\", u: \"\"\" \n \"\"\")}",
           "query { a(s: \"\\\\n\", t: \"\", u: \"\") }\n");
    parses("{a(s: \"\"\"x", "1:11 Syntax Error: Unterminated string.");
}

static void places_of_faults(void **state)
{
    (void)state;
    parses("", "1:1 Syntax Error: Unexpected <EOF>.");
    parses("{", "1:2 Syntax Error: Expected Name, found <EOF>.");
    parses("{}", "1:2 Syntax Error: Expected Name, found \"}\".");
    parses("{a(}", "1:4 Syntax Error: Expected Name, found \"}\".");
    parses("{a\r\n ?}", "2:2 Syntax Error: Unexpected character \"?\".");
    parses("{a(s: \"\xf0\x9f\x98\x80\") ?}", "1:13 Syntax Error: Unexpected character \"?\".");
    parses("fragment on on T {a}", "1:10 Syntax Error: Unexpected Name \"on\".");
    parses("fragment F T {a}", "1:12 Syntax Error: Expected \"on\", found Name \"T\".");
    parses("{a .. b}", "1:4 Syntax Error: Unexpected character \".\".");
    parses("query Q ()", "1:10 Syntax Error: Expected \"$\", found \")\".");
    parses("type T { a: Int }", "1:1 The \"type\" definition is not executable.");
    parses("{a} \"s\"", "1:8 Syntax Error: Unexpected <EOF>.");
    parses("\"s\" {a}", "1:5 Syntax Error: Unexpected \"{\".");
    parses_within(&limits, OD_STR("{a\0}"), "1:3 Syntax Error: Unexpected byte 0x00.");
}

static void a_message_is_utf8_wherever_it_is_cut(void **state)
{
    struct od_arena a;
    struct od_gql_faults faults;
    struct od_gql_document *document;
    char text[700] = "\"";

    (void)state;
    for (int i = 0; i < 300; i++)
        memcpy(text + 1 + 2 * i, "\xc3\xbc", 2);
    memcpy(text + 601, "\"", 2);
    od_arena_init(&a);
    for (int i = 0; i < 2; i++) {
        od_gql_faults_init(&faults, &a, 10);
        assert_int_equal(od_gql_parse(&a, od_str_of(text), &limits, &document, &faults), -1);
        assert_true(od_utf8_valid(faults.first->message));
        memmove(text + 2, text + 1, 602);
        text[1] = 'x';
    }
    od_arena_fini(&a);
}

static void limits_hold(void **state)
{
    struct od_gql_limits few = {30, 10, 3};
    char deep[4001];

    (void)state;
    parses_within(&few, OD_STR("{a{b{c}}}"), "query { a { b { c } } }\n");
    parses_within(&few, OD_STR("{a{b{c{d}}}}"), "1:7 The document is nested too deeply.");
    parses_within(&few, OD_STR("{a(b:[[[1]]])}"), "1:8 The document is nested too deeply.");
    parses_within(&few, OD_STR("{a b c d e f g h}"), "query { a b c d e f g h }\n");
    parses_within(&few, OD_STR("{a b c d e f g h i}"), "1:19 The document has too many tokens.");
    parses_within(&few, OD_STR("{a                            }"),
                  "1:1 The document has more than 30 bytes.");
    memset(deep, '[', 4000);
    memcpy(deep, "{a(x:", 5);
    deep[4000] = '\0';
    parses(deep, "1:55 The document is nested too deeply.");
}

static void faults_become_json(void **state)
{
    struct od_arena a;
    struct od_buf out;
    struct od_gql_faults faults;
    struct od_json_writer w;
    struct od_gql_path root = {.key = OD_STR("orders")}, index = {.above = &root, .index = 3};

    (void)state;
    od_arena_init(&a);
    od_buf_init(&out, 4096);
    od_gql_faults_init(&faults, &a, 2);
    od_gql_fault_at_two(&faults, OD_GQL_UNIQUE_VARIABLE_NAMES, 1, 4, "twice %d", 1);
    od_gql_fault(&faults, OD_GQL_EXECUTION, 4, "gone")->path = &index;
    od_gql_fault(&faults, OD_GQL_EXECUTION, 4, "no room for it");
    assert_int_equal(faults.count, 3);
    od_jw_init(&w, &out);
    od_gql_faults_write(&w, &faults, OD_STR("{a\n b}"));
    assert_true(od_str_is(
        od_buf_view(&out),
        "[{\"message\":\"twice 1\",\"locations\":[{\"line\":1,\"column\":2},{\"line\":2,\"column\":"
        "2}],\"extensions\":{\"code\":\"UniqueVariableNamesRule\"}},{\"message\":\"gone\","
        "\"locations\":[{\"line\":2,\"column\":2}],\"path\":[\"orders\",3],\"extensions\":{"
        "\"code\":\"Execution\"}}]"));
    od_buf_fini(&out);
    od_arena_fini(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_and_fragments),
        cmocka_unit_test(what_is_ignored),
        cmocka_unit_test(values),
        cmocka_unit_test(strings),
        cmocka_unit_test(block_strings),
        cmocka_unit_test(places_of_faults),
        cmocka_unit_test(a_message_is_utf8_wherever_it_is_cut),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(faults_become_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
