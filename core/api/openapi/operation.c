#include "api/openapi/operation.h"

#include <stdlib.h>

#include "api/openapi/schema.h"
#include "api/openapi/tree.h"
#include "api/route.h"
#include "order/machine/command_kind.h"

static const struct problem {
    int status;
    const char *response; /* in components */
} problems[] = {
    {400, "BadRequest"}, {401, "Unauthorized"}, {403, "Forbidden"}, {404, "NotFound"},
    {409, "Conflict"},   {412, "Stale"},        {413, "TooLarge"},  {415, "UnsupportedMediaType"},
    {422, "Invalid"},    {503, "Unavailable"},
};

static void set(struct od_arena *a, struct od_json *o, const char *key, const struct od_json *v)
{
    od_tree_set(a, o, od_str_of(key), v);
}

static void set_text(struct od_arena *a, struct od_json *o, const char *key, const char *text)
{
    struct od_json v = od_tree_str(od_str_of(text));
    if (text)
        set(a, o, key, &v);
}

static struct od_json *reference(struct od_arena *a, const char *kind, const char *name)
{
    return od_tree(a, "{\"$ref\":\"#/components/%s/%s\"}", kind, name);
}

/* ---- commands */

static bool is_on_order(const struct od_command_kind *kind)
{
    return kind->subject == OD_SUBJECT_ORDER;
}

/* The name of its answer's schema. */
static struct od_str answer_schema(const struct od_command_kind *kind, const struct od_json *entry,
                                   const struct od_schema_names *names)
{
    const struct od_json *own = od_json_get(entry, "answer");
    if (own)
        return own->text;
    switch (kind->shows_order ? OD_ANSWER_ORDER : kind->answer) {
    case OD_ANSWER_ORDER:
        return names->of[OD_ENTITY_ORDER];
    case OD_ANSWER_PART:
        return names->of[kind->part];
    case OD_ANSWER_ACTIVITY:
        return OD_STR("Activity");
    case OD_ANSWER_STOCK:
        return OD_STR("Stock");
    }
    abort();
}

static struct od_json *parameters(struct od_arena *a, const struct od_command_kind *kind)
{
    struct od_json *list = od_tree(a, "[]");
    od_tree_append(a, list, reference(a, "parameters", "IdempotencyKey"));
    if (is_on_order(kind))
        od_tree_append(a, list, reference(a, "parameters", "IfMatch"));
    od_tree_append(a, list, reference(a, "parameters", "DryRun"));
    return list;
}

static struct od_json *request_body(struct od_arena *a, const struct od_command_kind *kind,
                                    const struct od_json *name)
{
    struct od_json *schema =
        name ? reference(a, "schemas", od_arena_str(a, name->text).ptr)
             : od_tree(a, "{\"type\":\"object\",\"additionalProperties\":false}");
    struct od_json *body = od_tree(a, "{%s\"content\":{\"application/json\":{}}}",
                                   kind->body_optional ? "" : "\"required\":true,");
    set(a, od_tree_member(od_tree_member(body, "content"), "application/json"), "schema", schema);
    return body;
}

static struct od_json *success(struct od_arena *a, const struct od_command_kind *kind,
                               struct od_str schema, const char *description, bool done)
{
    bool makes_order = kind->subject == OD_SUBJECT_NEW_ORDER || kind->makes_order || kind->together;
    struct od_json *response =
        od_tree(a,
                "{\"description\":\"%s\",\"headers\":{},\"content\":{\"application/json\":"
                "{\"schema\":{\"$ref\":\"#/components/schemas/%.*s\"}}}}",
                description, OD_STR_ARG(schema));
    struct od_json *headers = od_tree_member(response, "headers");
    if (kind->subject != OD_SUBJECT_SKU)
        set(a, headers, "ETag", reference(a, "headers", "ETag"));
    if (done && kind->subject != OD_SUBJECT_SKU)
        set(a, headers, "Orderd-Position", reference(a, "headers", "Orderd-Position"));
    if (done && makes_order)
        set(a, headers, "Location", reference(a, "headers", "Location"));
    if (done)
        set(a, headers, "Idempotency-Replayed", reference(a, "headers", "Idempotency-Replayed"));
    return response;
}

static struct od_json *successes(struct od_arena *a, const struct od_command_kind *kind,
                                 struct od_str schema)
{
    struct od_json *responses = od_tree(a, "{}");
    if (kind->creates) {
        set(a, responses, "200", success(a, kind, schema, "What would happen (dryRun).", false));
        set(a, responses, "201",
            success(a, kind, schema, kind->makes_order ? "Done: the new order." : "Done.", true));
    } else {
        set(a, responses, "200",
            success(a, kind, schema, "Done, or what would happen (dryRun).", true));
    }
    return responses;
}

static struct od_json *operation_of(struct od_arena *a, const struct od_command_kind *kind,
                                    const struct od_json *entry,
                                    const struct od_schema_names *names)
{
    struct od_json *op = od_tree(a, "{\"operationId\":\"\"}"); /* the entry's; it stands first */
    set_text(a, op, "summary", kind->summary);
    set_text(a, op, "description", kind->description);
    set(a, op, "tags", od_tree(a, "[\"orders\"]"));
    set(a, op, "parameters", parameters(a, kind));
    if (!od_str_is(od_str_of(kind->route.method), "DELETE"))
        set(a, op, "requestBody", request_body(a, kind, od_json_get(entry, "body")));
    set(a, op, "responses", successes(a, kind, answer_schema(kind, entry, names)));
    set(a, op, "errors",
        od_tree(a, is_on_order(kind) ? "[400,401,403,404,409,412,413,415,422,503]"
                                     : "[400,401,403,409,413,415,422,503]"));
    return op;
}

/* "open_dispute" → "openDispute" */
static struct od_str camel_case(struct od_arena *a, const char *name)
{
    struct od_buf b;
    od_buf_init(&b, 200);
    for (const char *p = name; *p; p++) {
        if (*p != '_')
            od_buf_char(&b, p > name && p[-1] == '_' ? (char)(*p - 'a' + 'A') : *p);
    }
    struct od_str text = od_arena_str(a, od_buf_view(&b));
    od_buf_fini(&b);
    return text;
}

struct od_json *od_operation_plain(struct od_arena *a, const struct od_command_kind *command,
                                   struct od_json *schemas)
{
    struct od_json *entry =
        od_tree(a, "{\"operationId\":\"%.*s\"}", OD_STR_ARG(camel_case(a, command->name)));
    if (command->answer == OD_ANSWER_PART && command->creates) {
        struct od_json body = od_tree_str(od_schema_input(a, schemas, command->part));
        set(a, entry, "body", &body);
    }
    return entry;
}

/* ---- any */

static void add_problems(struct od_arena *a, struct od_json *responses,
                         const struct od_json *errors)
{
    for (const struct od_json *e = errors ? errors->child : NULL; e; e = e->next) {
        int64_t status = 0;
        const char *name = NULL;
        (void)od_json_i64(e, 400, 599, &status);
        for (size_t i = 0; i < sizeof problems / sizeof *problems && !name; i++)
            name = problems[i].status == status ? problems[i].response : NULL;
        if (name)
            od_tree_set(a, responses, e->text, reference(a, "responses", name));
    }
    set(a, responses, "default", reference(a, "responses", "Problem"));
}

/* OpenAPI 3.1 lets the scopes of any scheme be named, as what the caller must be permitted. */
static const struct od_json *security(struct od_arena *a, unsigned permission)
{
    if (permission == OD_PUBLIC)
        return od_tree(a, "[]");
    if (permission == OD_SIGNED_IN)
        return od_tree(a, "[{\"bearer\":[]},{\"session\":[]}]");
    const char *name = od_permission_name((enum od_permission)permission);
    return od_tree(a, "[{\"bearer\":[\"%s\"]},{\"session\":[\"%s\"]},{}]", name, name);
}

struct od_json *od_operation(struct od_arena *a, const struct od_api_route *route,
                             const struct od_command_kind *command, const struct od_json *entry,
                             const struct od_schema_names *names)
{
    struct od_json *op = command ? operation_of(a, command, entry, names) : od_tree(a, "{}");
    od_tree_merge(a, op, entry);
    od_tree_drop(op, "body");
    od_tree_drop(op, "answer");
    set(a, op, "security", security(a, route->permission));
    if (!od_json_get(op, "responses"))
        set(a, op, "responses", od_tree(a, "{}"));
    add_problems(a, od_tree_member(op, "responses"), od_json_get(op, "errors"));
    od_tree_drop(op, "errors");
    return op;
}

/* ---- lines of a batch */

static void put_name(struct od_buf *b, const char *name)
{
    od_buf_printf(b, "%s%s", b->len ? ", " : "", name);
}

/* The names of the commands that have this member. */
static void put_owners(struct od_buf *b, const char *member, bool optional)
{
    for (int i = 0; i < OD_COMMAND_TYPES; i++) {
        const struct od_command_kind *kind = od_command_kinds[i];
        const struct od_command_member *m = kind->member;
        if (m && od_command_offered(kind) && strcmp(m->name, member) == 0 &&
            m->optional == optional)
            put_name(b, kind->name);
    }
}

static void add_member(struct od_arena *a, struct od_json *properties,
                       const struct od_command_member *m)
{
    struct od_buf needed, optional;
    od_buf_init(&needed, 1000);
    od_buf_init(&optional, 1000);
    put_owners(&needed, m->name, false);
    put_owners(&optional, m->name, true);
    set(a, properties, m->name,
        od_tree(a, "{\"type\":\"%s\",\"description\":\"%.*s%s%s%.*s\"}",
                m->part ? "integer" : "string", OD_STR_ARG(od_buf_view(&needed)),
                needed.len && optional.len ? "; " : "", optional.len ? "may be of " : "",
                OD_STR_ARG(od_buf_view(&optional))));
    od_buf_fini(&needed);
    od_buf_fini(&optional);
}

void od_operation_line(struct od_arena *a, struct od_json *schema)
{
    struct od_json *properties = od_tree_member(schema, "properties");
    if (!od_json_get(schema, "x-commands") || !properties)
        return;
    od_tree_drop(schema, "x-commands");
    struct od_buf names, aliases;
    od_buf_init(&names, 1000);
    od_buf_init(&aliases, 1000);
    for (int i = 0; i < OD_COMMAND_TYPES; i++) {
        const struct od_command_kind *kind = od_command_kinds[i];
        if (!od_command_offered(kind))
            continue;
        put_name(&names, kind->name);
        if (kind->alias)
            put_name(&aliases, kind->alias);
        if (kind->member && !od_json_get(properties, kind->member->name))
            add_member(a, properties, kind->member);
    }
    set(a, properties, "command",
        od_tree(a, "{\"type\":\"string\",\"description\":\"%.*s; or as its path says: %.*s.\"}",
                OD_STR_ARG(od_buf_view(&names)), OD_STR_ARG(od_buf_view(&aliases))));
    od_buf_fini(&names);
    od_buf_fini(&aliases);
}
