#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/api.h"
#include "api/openapi/openapi.h"
#include "base/json/json.h"
#include "desk/desk.h"
#include "order/machine/command_kind.h"
#include "order/machine/parse.h"
#include "order/model/fields.h"
#include "server/admin.h"
#include "store/search/search.h"

/* The document says what the program does: its routes, and what bodies of commands may hold. */

enum { DOCUMENT_MAX = 4 << 20, TEXT_MAX = 4096, MAX_DEPTH = 64 };

struct fixture {
    struct od_arena arena;
    struct od_api api;
    struct od_http_router *router;
    struct od_buf text;
    struct od_json *document;
};

/* Every route of a running server. */
static void add_routes(struct od_api *api, struct od_http_router *router)
{
    od_api_routes(api, router);
    od_api_add(api, &od_server_admin, NULL);
    od_api_add(api, &od_server_reload, NULL);
    od_api_add(api, &od_desk, NULL);
}

static int set_up(void **state)
{
    struct fixture *f = test_calloc(1, sizeof *f);
    struct od_err err;
    *state = f;
    od_arena_init(&f->arena);
    od_buf_init(&f->text, DOCUMENT_MAX);
    f->router = od_http_router_new();
    add_routes(&f->api, f->router);
    if (od_openapi_write(&f->api, &f->text, &err) ||
        od_json_parse(&f->arena, od_buf_view(&f->text), MAX_DEPTH, &f->document, &err)) {
        print_error("%s\n", err.message);
        return -1;
    }
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    od_api_routes_free(&f->api);
    od_http_router_free(f->router);
    od_buf_fini(&f->text);
    od_arena_fini(&f->arena);
    test_free(f);
    return 0;
}

/* ---- routes */

static const struct od_json *member_of(const struct od_json *o, struct od_str name)
{
    return od_json_get_str(o, name);
}

/* ":name" ↔ "{name}" */
static struct od_str turned(struct od_arena *a, struct od_str path, bool to_braces)
{
    char *out = od_arena_zalloc(a, 2 * path.len + 2), *to = out;
    bool name = false;
    for (size_t i = 0; i <= path.len; i++) {
        char c = i < path.len ? path.ptr[i] : '\0';
        if (to_braces && name && (c == '/' || c == '\0'))
            *to++ = '}';
        name = c == ':' || (name && c != '/');
        if (to_braces ? c == ':' : c == '{')
            *to++ = to_braces ? '{' : ':';
        else if (to_braces || c != '}')
            *to++ = c;
    }
    return od_str_of(out);
}

static enum od_http_method method_of(struct od_str name)
{
    static const char *const names[] = {
        [OD_HTTP_GET] = "get",         [OD_HTTP_HEAD] = "head",   [OD_HTTP_POST] = "post",
        [OD_HTTP_PUT] = "put",         [OD_HTTP_PATCH] = "patch", [OD_HTTP_DELETE] = "delete",
        [OD_HTTP_OPTIONS] = "options",
    };
    enum od_http_method m = 0;
    while (m < OD_HTTP_OTHER && !od_str_is(name, names[m]))
        m++;
    return m;
}

static void every_route_is_documented(void **state)
{
    struct fixture *f = *state;
    const struct od_http_route *r;
    const struct od_json *paths = od_json_get(f->document, "paths");
    size_t count = 0;
    for (; (r = od_http_router_route(f->router, count)); count++) {
        const struct od_json *item =
            member_of(paths, turned(&f->arena, od_str_of(r->pattern), true));
        bool found = false;
        for (const struct od_json *m = item ? item->child : NULL; m; m = m->next)
            found = found || method_of(m->key) == r->method;
        if (!found)
            fail_msg("%s %s is not documented", od_http_method_name(r->method), r->pattern);
    }
    assert_true(count > 40);
}

static void every_documented_path_has_a_route(void **state)
{
    struct fixture *f = *state;
    const struct od_json *paths = od_json_get(f->document, "paths");
    for (const struct od_json *path = paths->child; path; path = path->next) {
        struct od_str pattern = turned(&f->arena, path->key, false);
        for (const struct od_json *m = path->child; m; m = m->next) {
            if (od_str_is(m->key, "parameters"))
                continue;
            if (!od_http_router_has(f->router, method_of(m->key), pattern.ptr))
                fail_msg("%.*s %s has no route", OD_STR_ARG(m->key), pattern.ptr);
        }
    }
}

static void the_same_program_writes_the_same_document(void **state)
{
    struct fixture *f = *state;
    struct od_api api = {0};
    struct od_buf again;
    struct od_err err;
    od_buf_init(&again, DOCUMENT_MAX);
    struct od_http_router *router = od_http_router_new();
    add_routes(&api, router);
    assert_int_equal(od_openapi_write(&api, &again, &err), 0);
    assert_true(od_str_eq(od_buf_view(&again), od_buf_view(&f->text)));
    od_api_routes_free(&api);
    od_http_router_free(router);
    od_buf_fini(&again);
}

static void ignore(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    (void)ctx, (void)req, (void)who;
}

/* Adds a chapter with one route and that text, and expects the document to be refused. */
static void expect_refused(const char *text, const char *message)
{
    static const struct od_api_route routes[] = {
        {"extra", OD_HTTP_GET, "/extra/:id", 0, OD_PUBLIC, ignore},
    };
    const struct od_api_chapter chapter = {
        .routes = routes, .count = 1, .text = text, .text_end = text + strlen(text)};
    struct od_api api = {0};
    struct od_buf out;
    struct od_err err;
    od_buf_init(&out, DOCUMENT_MAX);
    struct od_http_router *router = od_http_router_new();
    add_routes(&api, router);
    od_api_add(&api, &chapter, NULL);
    int rc = od_openapi_write(&api, &out, &err);
    if (message) {
        assert_int_equal(rc, -1);
        assert_string_equal(err.message, message);
    } else {
        assert_int_equal(rc, 0);
    }
    od_api_routes_free(&api);
    od_http_router_free(router);
    od_buf_fini(&out);
}

static void what_does_not_fit_together_is_refused(void **state)
{
    (void)state;
    expect_refused("{\"operations\": {\"extra\": {}}}", NULL);
    expect_refused("{\"operations\": {}}", "nothing describes the route extra");
    expect_refused("{\"operations\": {\"extra\": {}, \"other\": {}}}", "there is no route other");
    expect_refused("{\"operations\": {\"extra\": {}}, \"schemas\": {\"Order\": {}}}",
                   "components/schemas/Order stands twice");
    expect_refused("{\"operations\": {\"extra\": {}}, \"schemas\": {\"X\": {\"x-entity\": "
                   "\"payment\", \"properties\": {\"colour\": {\"minimum\": 1}}}}}",
                   "colour of payment is no field and has no type");
    expect_refused("{\"operations\": {\"extra\": {}}, \"schemas\": {\"X\": {\"x-input\": "
                   "\"payment\", \"x-only\": [\"paymentId\"]}}}",
                   "payment has no paymentId");
    expect_refused("{\"operations\": {\"extra\": {}}, \"schemas\": {\"X\": {\"x-entity\": "
                   "\"parcel\"}}}",
                   "there is no entity parcel");
}

/* ---- fields */

/* The schema's own text is gone by then, so the file is asked for each entity. */
static void every_entity_has_a_schema(void **state)
{
    static char text[1 << 20];
    (void)state;
    FILE *file = fopen(OD_SOURCE_DIR "/core/api/openapi/entities.json", "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    for (int e = 0; e < OD_ENTITY_COUNT; e++) {
        char ask[80];
        snprintf(ask, sizeof ask, "\"x-entity\": \"%s\"", od_entities[e].table);
        if (!strstr(text, ask))
            fail_msg("no schema shows %s", od_entities[e].table);
    }
}

static void a_new_field_is_in_its_schema_by_itself(void **state)
{
    struct fixture *f = *state;
    const struct od_entity *e = &od_entities[OD_ENTITY_ITEM];
    const struct od_json *schema =
        od_json_get(od_json_get(od_json_get(f->document, "components"), "schemas"), "LineItem");
    const struct od_json *properties = od_json_get(schema, "properties");
    uint32_t shown = 1; /* uuid is no field */
    for (uint32_t i = 0; i < e->field_count; i++) {
        if (e->fields[i].flags & OD_FIELD_INTERNAL)
            continue;
        assert_non_null(od_json_get(properties, e->fields[i].json));
        shown++;
    }
    assert_int_equal(properties->count, shown);
    assert_int_equal(od_json_get(schema, "required")->count, shown);
}

/* ---- bodies of commands */

static const struct od_json *resolve(const struct fixture *f, const struct od_json *schema)
{
    static const char prefix[] = "#/components/schemas/";
    const struct od_json *ref = schema ? od_json_get(schema, "$ref") : NULL;
    if (!ref)
        return schema;
    assert_memory_equal(ref->text.ptr, prefix, sizeof prefix - 1);
    return resolve(f, member_of(od_json_get(od_json_get(f->document, "components"), "schemas"),
                                od_str_slice(ref->text, sizeof prefix - 1, ref->text.len)));
}

/* Of a schema that is an object, or an object or null; NULL: it is neither. */
static const struct od_json *closed_object(const struct fixture *f, const struct od_json *schema)
{
    const struct od_json *s = resolve(f, schema), *one = od_json_get(s, "oneOf");
    const struct od_json *extra = od_json_get(s, "additionalProperties");
    for (const struct od_json *m = one ? one->child : NULL; m; m = m->next) {
        const struct od_json *found = closed_object(f, m);
        if (found)
            return found;
    }
    return extra && extra->type == OD_JSON_BOOL && !extra->boolean ? s : NULL;
}

struct names {
    struct od_arena *arena;
    struct od_str *names;
    size_t count, cap;
};

static void note(struct names *n, struct od_str name)
{
    for (size_t i = 0; i < n->count; i++) {
        if (od_str_eq(n->names[i], name))
            return;
    }
    n->names = od_arena_grow(n->arena, n->names, n->count, &n->cap, sizeof *n->names);
    n->names[n->count++] = name;
}

/* Every name of a member that the document knows anywhere. */
static void note_all(struct names *n, const struct od_json *v)
{
    const struct od_json *properties = od_json_get(v, "properties");
    for (const struct od_json *m = properties ? properties->child : NULL; m; m = m->next)
        note(n, m->key);
    for (const struct od_json *m = v->child; m; m = m->next)
        note_all(n, m);
}

/* Whether the command's reader takes a member of that name there. */
static bool takes(enum od_command_type type, const char *text, const char *pointer)
{
    struct od_arena a;
    struct od_command c = {0};
    struct od_err err;
    struct od_json *body;
    bool refused = false;
    od_arena_init(&a);
    struct od_problem_list list = {.arena = &a};
    assert_int_equal(od_json_parse(&a, od_str_of(text), MAX_DEPTH, &body, &err), 0);
    (void)!od_command_parse(type, body, &a, OD_STR("EUR"), &c, &list);
    for (size_t i = 0; i < list.count; i++)
        refused = refused || (od_str_is(list.items[i].pointer, pointer) &&
                              (od_str_is(list.items[i].detail, "unknown member") ||
                               od_str_is(list.items[i].detail, "cannot be set here")));
    od_arena_fini(&a);
    return !refused;
}

/* Where an object stands in a body: `before` {…} `after`, at `pointer`. */
struct place {
    enum od_command_type type;
    const char *before, *after, *pointer;
};

static void compare(const struct fixture *f, const struct place *p, const struct od_json *schema,
                    const struct names *names)
{
    const struct od_json *properties = od_json_get(schema, "properties");
    for (size_t i = 0; i < names->count; i++) {
        char text[TEXT_MAX], pointer[TEXT_MAX];
        struct od_str name = names->names[i];
        snprintf(text, sizeof text, "%s{\"%.*s\":true}%s", p->before, OD_STR_ARG(name), p->after);
        snprintf(pointer, sizeof pointer, "%s/%.*s", p->pointer, OD_STR_ARG(name));
        bool taken = takes(p->type, text, pointer),
             said = properties && member_of(properties, name);
        if (taken != said)
            fail_msg("%s: %s is %s, and %s", od_command_name(p->type), pointer,
                     taken ? "taken" : "refused", said ? "documented" : "not documented");
    }
    for (const struct od_json *m = properties ? properties->child : NULL; m; m = m->next) {
        char before[TEXT_MAX], after[TEXT_MAX], pointer[TEXT_MAX];
        const struct od_json *items = od_json_get(resolve(f, m), "items");
        const struct od_json *inner = closed_object(f, items ? items : m);
        if (!inner)
            continue;
        snprintf(before, sizeof before, "%s{\"%.*s\":%s", p->before, OD_STR_ARG(m->key),
                 items ? "[" : "");
        snprintf(after, sizeof after, "%s}%s", items ? "]" : "", p->after);
        snprintf(pointer, sizeof pointer, "%s/%.*s%s", p->pointer, OD_STR_ARG(m->key),
                 items ? "/0" : "");
        compare(f, &(struct place){p->type, before, after, pointer}, inner, names);
    }
}

static const struct od_json *body_schema(const struct fixture *f,
                                         const struct od_command_kind *kind)
{
    struct od_arena *a = (struct od_arena *)&f->arena;
    const struct od_json *item = member_of(od_json_get(f->document, "paths"),
                                           turned(a, od_str_of(kind->route.pattern), true));
    for (const struct od_json *m = item->child; m; m = m->next) {
        const struct od_json *body = od_json_get(m, "requestBody");
        if (body && strcmp(od_http_method_name(method_of(m->key)), kind->route.method) == 0)
            return od_json_get(od_json_get(od_json_get(body, "content"), "application/json"),
                               "schema");
    }
    return NULL;
}

/* A body that the document allows has no unknown member, and one that it does not know is refused,
 * at any depth. */
static void bodies_of_commands_are_what_their_readers_take(void **state)
{
    struct fixture *f = *state;
    struct names names = {.arena = &f->arena};
    size_t compared = 0;
    note_all(&names, f->document);
    note(&names, OD_STR("noMemberOfAnything"));
    for (enum od_command_type type = 0; type < OD_COMMAND_TYPES; type++) {
        const struct od_command_kind *kind = od_command_kinds[type];
        if (!kind->route.method || strcmp(kind->route.method, "DELETE") == 0)
            continue;
        const struct od_json *schema = body_schema(f, kind);
        if (!schema)
            fail_msg("the body of %s is not documented", kind->name);
        const struct od_json *object = closed_object(f, schema);
        if (!object) /* a plugin's command: its arguments are whatever it takes */
            continue;
        /* A command that comes with another has that one's body. */
        const struct place body = {kind->together ? OD_COMMAND_PLACE : type, "", "", ""};
        compare(f, &body, object, &names);
        compared++;
    }
    assert_true(compared >= 17);
}

/* ---- filters of lists */

static const struct od_json *filter_schema(const struct fixture *f)
{
    const struct od_json *all = od_json_get(od_json_get(f->document, "components"), "parameters");
    return od_json_get(od_json_get(all, "Filter"), "schema");
}

static bool is_documented(const struct od_json *schema, const char *name)
{
    bool found = od_json_get(od_json_get(schema, "properties"), name) != NULL;
    const struct od_json *patterns = od_json_get(schema, "patternProperties");
    for (const struct od_json *m = patterns->child; m; m = m->next) {
        char text[TEXT_MAX];
        regex_t pattern;
        snprintf(text, sizeof text, "%.*s", OD_STR_ARG(m->key));
        assert_int_equal(regcomp(&pattern, text, REG_EXTENDED | REG_NOSUB), 0);
        found = found || regexec(&pattern, name, 0, NULL, 0) == 0;
        regfree(&pattern);
    }
    return found;
}

/* Whether a list takes a filter of that name, whatever it says of the value. */
static bool is_filter(const char *name)
{
    struct od_arena a;
    struct od_err err = {0};
    od_arena_init(&a);
    struct od_search s = {.arena = &a};
    bool refused = od_search_filter(&s, od_str_of(name), OD_STR("1"), &err) != 0 &&
                   (strstr(err.message, "There is no filter") ||
                    strstr(err.message, "have a range") || strstr(err.message, "ends in nothing") ||
                    strstr(err.message, "cannot be asked for") || strstr(err.message, "has only"));
    od_arena_fini(&a);
    return !refused;
}

static void filters_of_lists_are_those_that_there_are(void **state)
{
    static const char *const ends[] = {"",     ".eq", ".neq", ".gt",     ".gte", ".lt",
                                       ".lte", ".in", ".nin", ".exists", ".like"};
    struct fixture *f = *state;
    const struct od_json *schema = filter_schema(f);
    struct names names = {.arena = &f->arena};
    unsigned filters = 0;
    note_all(&names, f->document);
    for (size_t i = 0; i < names.count; i++) {
        for (size_t e = 0; e < sizeof ends / sizeof *ends; e++) {
            char name[TEXT_MAX];
            snprintf(name, sizeof name, "%.*s%s", OD_STR_ARG(names.names[i]), ends[e]);
            bool taken = is_filter(name), said = is_documented(schema, name);
            if (taken != said)
                fail_msg("the filter %s is %s, and %s", name, taken ? "taken" : "refused",
                         said ? "documented" : "not documented");
            filters += taken && !*ends[e];
        }
    }
    assert_true(filters >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_documented),
        cmocka_unit_test(every_documented_path_has_a_route),
        cmocka_unit_test(the_same_program_writes_the_same_document),
        cmocka_unit_test(what_does_not_fit_together_is_refused),
        cmocka_unit_test(every_entity_has_a_schema),
        cmocka_unit_test(a_new_field_is_in_its_schema_by_itself),
        cmocka_unit_test(bodies_of_commands_are_what_their_readers_take),
        cmocka_unit_test(filters_of_lists_are_those_that_there_are),
    };
    return cmocka_run_group_tests_name("server/openapi", tests, set_up, tear_down);
}
