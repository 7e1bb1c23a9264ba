#include "api/openapi/openapi.h"

#include <string.h>

#include "api/api.h"
#include "api/openapi/operation.h"
#include "api/openapi/schema.h"
#include "api/openapi/tree.h"
#include "base/json/value.h"
#include "api/route.h"
#include "base/embed.h"

OD_EMBED(od_openapi_base, "api/openapi/openapi.json");
OD_EMBED(od_openapi_entities, "api/openapi/entities.json");

enum { MAX_DEPTH = 64 };

struct join {
    struct od_arena arena;
    struct od_json *document, *paths, *components;
    struct od_json *fields; /* of entities.json */
    struct od_schema_names names;
};

static int parse(struct join *j, struct od_str text, struct od_json **out, struct od_err *err)
{
    if (od_json_parse(&j->arena, text, MAX_DEPTH, out, err) == 0)
        return 0;
    return od_err_set(err, OD_ERR_INVALID, "%s in: %.*s", err->message,
                      (int)(text.len < 60 ? text.len : 60), text.ptr);
}

/* Components of the same kind and name are a mistake that nobody would see. */
static int add_components(struct join *j, const struct od_json *text, const char *kind,
                          struct od_err *err)
{
    const struct od_json *more = od_json_get(text, kind);
    for (const struct od_json *m = more ? more->child : NULL; m; m = m->next) {
        struct od_json *all = od_tree_member(j->components, kind);
        if (od_json_get_str(all, m->key))
            return od_err_set(err, OD_ERR_INVALID, "components/%s/%.*s stands twice", kind,
                              OD_STR_ARG(m->key));
        od_tree_set(&j->arena, all, m->key, m);
    }
    return 0;
}

/* ---- paths */

/* "/api/orders/:id" → "/api/orders/{id}" */
static struct od_str path_of(struct od_arena *a, const char *pattern)
{
    struct od_buf b;
    bool name = false;
    od_buf_init(&b, 1000);
    for (const char *p = pattern; *p; p++) {
        if (name && *p == '/')
            od_buf_char(&b, '}');
        name = *p == ':' || (name && *p != '/');
        od_buf_char(&b, *p == ':' ? '{' : *p);
    }
    if (name)
        od_buf_char(&b, '}');
    struct od_str path = od_arena_str(a, od_buf_view(&b));
    od_buf_fini(&b);
    return path;
}

/* The component that describes a parameter of paths. */
static const struct od_json *path_parameter(const struct join *j, struct od_str name)
{
    const struct od_json *all = od_json_get(j->components, "parameters");
    for (const struct od_json *m = all->child; m; m = m->next) {
        const struct od_json *in = od_json_get(m, "in"), *called = od_json_get(m, "name");
        if (in && called && od_str_is(in->text, "path") && od_str_eq(called->text, name))
            return m;
    }
    return NULL;
}

/* The item of the route's path, with the parameters that its pattern names. */
static int path_item(struct join *j, const struct od_api_route *route, struct od_json **item,
                     struct od_err *err)
{
    struct od_arena *a = &j->arena;
    struct od_str path = path_of(a, route->pattern), rest = od_str_of(route->pattern), segment;
    *item = od_tree_member(j->paths, path.ptr);
    if (*item)
        return 0;
    struct od_json *parameters = od_tree(a, "[]");
    while (od_str_cut(&rest, '/', &segment)) {
        if (!segment.len || segment.ptr[0] != ':')
            continue;
        struct od_str name = od_str_slice(segment, 1, segment.len);
        const struct od_json *known = path_parameter(j, name);
        if (!known)
            return od_err_set(err, OD_ERR_INVALID, "no parameter describes :%.*s of %s",
                              OD_STR_ARG(name), route->pattern);
        od_tree_append(
            a, parameters,
            od_tree(a, "{\"$ref\":\"#/components/parameters/%.*s\"}", OD_STR_ARG(known->key)));
    }
    od_tree_set(a, j->paths, path, od_tree(a, "{}"));
    *item = od_tree_member(j->paths, path.ptr);
    if (parameters->count)
        od_tree_set(a, *item, OD_STR("parameters"), parameters);
    return 0;
}

static const char *lower(enum od_http_method method)
{
    static const char *const names[] = {
        [OD_HTTP_GET] = "get",     [OD_HTTP_POST] = "post",     [OD_HTTP_PUT] = "put",
        [OD_HTTP_PATCH] = "patch", [OD_HTTP_DELETE] = "delete",
    };
    return names[method];
}

static int add_route(struct join *j, const struct od_api_chapter *chapter, size_t i,
                     const struct od_json *operations, struct od_err *err)
{
    const struct od_api_route *route = &chapter->routes[i];
    const struct od_command_kind *command = chapter->commands ? chapter->commands[i] : NULL;
    const struct od_json *entry = od_json_get(operations, route->name);
    struct od_json *schemas = od_tree_member(j->components, "schemas"), *item;
    if (!entry && command)
        entry = od_operation_plain(&j->arena, command, schemas);
    if (!entry)
        return od_err_set(err, OD_ERR_INVALID, "nothing describes the route %s", route->name);
    if (path_item(j, route, &item, err))
        return -1;
    od_tree_set(&j->arena, item, od_str_of(lower(route->method)),
                od_operation(&j->arena, route, command, entry, &j->names));
    return 0;
}

static bool has_route(const struct od_api_chapter *chapter, struct od_str name)
{
    for (size_t i = 0; i < chapter->count; i++) {
        if (od_str_is(name, chapter->routes[i].name))
            return true;
    }
    return false;
}

static int add_chapter(struct join *j, const struct od_api_chapter *chapter,
                       const struct od_json *text, struct od_err *err)
{
    const struct od_json *operations = od_json_get(text, "operations");
    for (const struct od_json *m = operations ? operations->child : NULL; m; m = m->next) {
        if (!has_route(chapter, m->key))
            return od_err_set(err, OD_ERR_INVALID, "there is no route %.*s", OD_STR_ARG(m->key));
    }
    for (size_t i = 0; i < chapter->count; i++) {
        if (add_route(j, chapter, i, operations, err))
            return -1;
    }
    return 0;
}

/* ---- all of it */

static int add_text(struct join *j, const struct od_json *text, struct od_err *err)
{
    if (add_components(j, text, "parameters", err))
        return -1;
    return add_components(j, text, "schemas", err);
}

static int begin(struct join *j, struct od_err *err)
{
    struct od_json *entities;
    if (parse(j, OD_EMBEDDED(od_openapi_base), &j->document, err) ||
        parse(j, OD_EMBEDDED(od_openapi_entities), &entities, err))
        return -1;
    j->paths = od_tree_member(j->document, "paths");
    j->components = od_tree_member(j->document, "components");
    j->fields = od_tree_member(entities, "fields");
    return add_text(j, entities, err);
}

/* Components of all chapters first: parameters of paths are looked for among them. */
static int add_chapters(struct join *j, const struct od_api *api, struct od_err *err)
{
    struct od_json **texts = OD_NEW_ARRAY(&j->arena, struct od_json *, api->chapter_count);
    for (size_t i = 0; i < api->chapter_count; i++) {
        const struct od_api_chapter *c = api->chapters[i];
        if (parse(j, od_str_n(c->text, (size_t)(c->text_end - c->text)), &texts[i], err) ||
            add_text(j, texts[i], err))
            return -1;
    }
    od_schema_names(&j->arena, od_tree_member(j->components, "schemas"), &j->names);
    for (size_t i = 0; i < api->chapter_count; i++) {
        if (add_chapter(j, api->chapters[i], texts[i], err))
            return -1;
    }
    return 0;
}

static int expand_schemas(struct join *j, struct od_err *err)
{
    struct od_json *schemas = od_tree_member(j->components, "schemas");
    for (struct od_json *s = schemas->child; s; s = s->next) {
        if (od_schema_expand(&j->arena, s, j->fields, &j->names, err))
            return -1;
        od_operation_line(&j->arena, s);
    }
    return 0;
}

int od_openapi_write(const struct od_api *api, struct od_buf *out, struct od_err *err)
{
    struct join j = {0};
    struct od_json_writer w;
    od_arena_init(&j.arena);
    int rc = begin(&j, err) || add_chapters(&j, api, err) || expand_schemas(&j, err) ? -1 : 0;
    if (rc == 0) {
        od_jw_init(&w, out);
        od_jw_value(&w, j.document);
    }
    od_arena_fini(&j.arena);
    return rc;
}
