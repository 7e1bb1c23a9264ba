#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "rules/trial/checks.h"
#include "base/buf.h"
#include "conf/conf.h"

/*
 * The checks before an activation: the default rules with a plugin "extra" of one script and one
 * test, under the reference configuration and what a test overrides of it.
 */

struct checked {
    char dir[64];
    struct od_arena arena;
    struct od_conf *conf;
    struct od_checks checks;
    char *report;
};

static void write_file(const struct checked *c, const char *path, const char *text)
{
    char full[160];
    snprintf(full, sizeof full, "%s/%s", c->dir, path);
    FILE *f = fopen(full, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void make_folder(const struct checked *c, const char *path)
{
    char full[160];
    snprintf(full, sizeof full, "%s/%s", c->dir, path);
    assert_int_equal(mkdir(full, 0700), 0);
}

static void remove_at(const struct checked *c, const char *path)
{
    char full[160];
    snprintf(full, sizeof full, "%s/%s", c->dir, path);
    assert_int_equal(remove(full), 0);
}

static int setup(void **state)
{
    struct checked *c = calloc(1, sizeof *c);
    snprintf(c->dir, sizeof c->dir, "%s/orderd-checks-XXXXXX", P_tmpdir);
    assert_non_null(mkdtemp(c->dir));
    make_folder(c, "extra");
    make_folder(c, "extra/tests");
    write_file(c, "extra/plugin.ini", "name = extra\nversion = 1\napi = 1\n");
    write_file(c, "extra/rules.lua", "");
    write_file(c, "extra/tests/rules.lua", "");
    od_arena_init(&c->arena);
    *state = c;
    return 0;
}

static int teardown(void **state)
{
    static const char *const made[] = {"extra/tests/rules.lua", "extra/tests", "extra/rules.lua",
                                       "extra/plugin.ini",      "extra",       ""};
    struct checked *c = *state;
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        remove_at(c, made[i]);
    od_conf_unref(c->conf);
    od_arena_fini(&c->arena);
    free(c->report);
    free(c);
    return 0;
}

static void must(int rc, const struct od_err *err)
{
    if (rc != 0)
        fail_msg("%s: %s", err->origin, err->message);
}

/* With two more overrides; NULL: none. */
static void check_with(struct checked *c, const char *more, const char *and_more)
{
    struct od_rules_source source;
    struct od_rules *rules;
    struct od_err err;
    struct od_buf text;
    char plugins[100];
    snprintf(plugins, sizeof plugins, "plugins.dir=%s", c->dir);
    const char *overrides[] = {plugins, "plugins.load=extra", "plugins.scripts=scripts", more,
                               and_more};
    must(od_conf_load("conf/orderd.ini", overrides, 3 + (more != NULL) + (and_more != NULL),
                      &c->conf, &err),
         &err);
    must(od_rules_source_read(c->conf, &source, &err), &err);
    must(od_rules_make(&source, &rules, &err), &err);
    must(od_checks_run(&source, rules, &c->arena, &c->checks, &err), &err);
    od_rules_unref(rules);
    od_rules_source_fini(&source);
    od_buf_init(&text, 1 << 20);
    od_checks_print_states(&c->checks.model, &text);
    od_checks_print(&c->checks, c->conf, &text);
    c->report = strndup(text.ptr, text.len);
    od_buf_fini(&text);
}

static void check(struct checked *c, const char *more)
{
    check_with(c, more, NULL);
}

static void assert_says(const struct checked *c, const char *text)
{
    if (!strstr(c->report, text))
        fail_msg("\"%s\" is not in:\n%s", text, c->report);
}

#define BROKEN_CANCEL                                                                              \
    "oms.policy('order.cancel', function(order)\n"                                                 \
    "  return oms.allow(order.hold.reason)\n"                                                      \
    "end)\n"

static void the_default_rules_pass(void **state)
{
    struct checked *c = *state;
    check(c, NULL);
    if (c->checks.refusals || c->checks.warnings)
        fail_msg("%s", c->report);
    assert_false(c->checks.model.truncated);
    assert_null(c->checks.refusal.ptr);
    assert_int_equal(c->checks.ignored, 0); /* an order gets into each status there is */
    assert_true(c->checks.tests.count > 0);
    assert_says(c, "findings: 0 refuse the rules, 0 warn, 0 are ignored\n");
}

static void a_rule_that_fails_refuses_and_names_file_and_line(void **state)
{
    struct checked *c = *state;
    write_file(c, "extra/rules.lua", BROKEN_CANCEL);
    check(c, "check.tests=ignore");
    assert_true(c->checks.refusals > 0);
    assert_non_null(strstr(c->checks.refusal.ptr, "policy_error of order.cancel@extra"));
    assert_non_null(strstr(c->checks.refusal.ptr, "extra/rules.lua:2"));
    assert_non_null(strstr(c->checks.refusal.ptr, "pending:pending (place, cancel one)"));
    assert_says(c, "refuse  policy_error        order.cancel@extra");
    assert_says(c, "\n        pending:pending (place, cancel one)\n");
}

static void the_configuration_says_what_refuses(void **state)
{
    struct checked *c = *state;
    write_file(c, "extra/rules.lua", BROKEN_CANCEL);
    check_with(c, "check.policy_error=warn", "check.tests=ignore");
    assert_int_equal(c->checks.refusals, 0);
    assert_true(c->checks.warnings > 0);
    assert_null(c->checks.refusal.ptr);
    assert_says(c, "warn    policy_error        order.cancel@extra");
}

static void what_plugins_say_of_their_configuration_is_among_the_findings(void **state)
{
    struct checked *c = *state;
    write_file(c, "extra/rules.lua", "oms.finding('shadowed_rule', 'paid:* hides paid:shipped')\n");
    check(c, NULL);
    assert_int_equal(c->checks.warnings, 1);
    assert_says(c, "warn    shadowed_rule       extra\n        extra/rules.lua:1\n"
                   "        paid:* hides paid:shipped\n");
}

static void a_failing_test_refuses(void **state)
{
    struct checked *c = *state;
    write_file(c, "extra/tests/rules.lua",
               "oms.test('one and one', function(t)\n  t:equal(1 + 1, 3)\nend)\n");
    check(c, NULL);
    assert_int_equal(c->checks.refusals, 1);
    assert_non_null(strstr(c->checks.refusal.ptr, "The test \"one and one\" fails at "));
    assert_non_null(strstr(c->checks.refusal.ptr, "extra/tests/rules.lua:2"));
    assert_says(c, "refuse  tests               extra\n        one and one\n");
    assert_says(c, ", 1 failed in ");
}

static void tests_that_are_ignored_do_not_run(void **state)
{
    struct checked *c = *state;
    write_file(c, "extra/tests/rules.lua", "oms.test('no', function(t) t:fail('no') end)\n");
    check(c, "check.tests=ignore");
    assert_int_equal(c->checks.refusals, 0);
    assert_int_equal(c->checks.tests.count, 0);
    assert_says(c, "tests: not run");
}

static void what_is_cut_short_is_said(void **state)
{
    struct checked *c = *state;
    check(c, "check.max_states=100");
    assert_int_equal(c->checks.model.states, 100);
    assert_int_equal(c->checks.refusals, 0);
    assert_says(c, "100 an order can get into");
    assert_says(c, "Not all of them");
}

static void tables_fit_100_columns(void **state)
{
    struct checked *c = *state;
    write_file(c, "extra/rules.lua",
               BROKEN_CANCEL "oms.finding('shadowed_rule', ('many words '):rep(40))\n");
    check(c, "check.unreachable_status=warn");
    struct od_str rest = od_str_of(c->report), line;
    while (od_str_cut(&rest, '\n', &line)) {
        if (line.len > 100)
            fail_msg("%zu bytes: %.*s", line.len, OD_STR_ARG(line));
    }
}

static void the_table_of_states_shows_what_is_allowed(void **state)
{
    struct checked *c = *state;
    check(c, NULL);
    assert_says(c, "  a authorize  c capture  v void");
    assert_says(c, "paid                delivered                  completed");
    const char *held =
        strstr(c->report, "\npending             pending              held  on_hold");
    assert_non_null(held);
    char *row = strndup(held, strcspn(held + 1, "\n") + 1);
    const char *allowed = strrchr(row, ' ') + 1;
    assert_int_equal(strlen(allowed), c->checks.model.command_count);
    assert_non_null(strchr(allowed, 'R')); /* released, always */
    assert_null(strpbrk(allowed, "sSxX")); /* and neither shipped nor cancelled */
    free(row);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_default_rules_pass),
        TEST(a_rule_that_fails_refuses_and_names_file_and_line),
        TEST(the_configuration_says_what_refuses),
        TEST(what_plugins_say_of_their_configuration_is_among_the_findings),
        TEST(a_failing_test_refuses),
        TEST(tests_that_are_ignored_do_not_run),
        TEST(what_is_cut_short_is_said),
        TEST(tables_fit_100_columns),
        TEST(the_table_of_states_shows_what_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
