#include "read/graphql/run/execute.h"

#include <stdio.h>

#include "base/json/value.h"
#include "order/model/codec.h"
#include "read/graphql/run/datum.h"

struct run {
    struct od_arena *arena;
    const struct od_gql_schema *schema;
    struct od_gql_faults *faults;
    struct od_json_writer *w;
    uint64_t values;
};

/* What became of a value. NULL was written where it may be; BROKEN: nothing was written, because
 * it must not be null, and there is a fault. */
enum written { VALUE = 0, NOTHING, BROKEN };

/* Takes back what was written since, when a null takes its place. */
struct mark {
    size_t len;
    bool comma;
};

static struct mark mark(const struct run *r)
{
    return (struct mark){r->w->buf->len, r->w->comma};
}

static void take_back(const struct run *r, struct mark m)
{
    r->w->buf->len = m.len;
    r->w->comma = m.comma;
}

/* The path lives on the stack while fields are resolved; a fault keeps a copy. */
static const struct od_gql_path *keep(struct od_arena *a, const struct od_gql_path *path)
{
    if (!path)
        return NULL;
    struct od_gql_path *copy = OD_NEW(a, struct od_gql_path);
    *copy = *path;
    copy->above = keep(a, path->above);
    return copy;
}

static void fault(struct run *r, const struct od_gql_plan_field *f, const struct od_gql_path *path,
                  struct od_str message, struct od_str code)
{
    struct od_gql_fault *fault =
        od_gql_fault(r->faults, OD_GQL_EXECUTION, f->at, "%.*s", OD_STR_ARG(message));

    if (r->faults->count > r->faults->most)
        return;
    fault->path = keep(r->arena, path);
    fault->code = code;
}

static enum written write_object(struct run *r, const struct od_gql_plan *plan, const void *object,
                                 const void *of, const struct od_gql_path *path);
static enum written complete(struct run *r, const struct od_gql_plan_field *f,
                             const struct od_gql_type *type, struct od_gql_datum *d,
                             const struct od_gql_path *path);

static enum written write_list(struct run *r, const struct od_gql_plan_field *f,
                               const struct od_gql_type *of, struct od_gql_datum *list,
                               const struct od_gql_path *path)
{
    struct od_gql_path at = {.above = path};
    struct od_gql_datum element = {0};

    od_jw_array(r->w);
    for (; list->next(list, &element); at.index++) {
        if (complete(r, f, of, &element, &at) == BROKEN)
            return BROKEN;
        element = (struct od_gql_datum){0};
    }
    od_jw_array_end(r->w);
    return VALUE;
}

static void write_leaf(struct run *r, const struct od_gql_type *type, const struct od_gql_datum *d)
{
    char digits[24];

    switch (d->kind) {
    case OD_GQL_DATUM_TEXT:
        od_jw_str(r->w, d->text);
        return;
    case OD_GQL_DATUM_INT:
        if (type->scalar == OD_GQL_SCALAR_ID) {
            (void)snprintf(digits, sizeof digits, "%lld", (long long)d->number);
            od_jw_cstr(r->w, digits);
        } else {
            od_jw_i64(r->w, d->number);
        }
        return;
    case OD_GQL_DATUM_DECIMAL:
        od_jw_decimal(r->w, d->number, d->digits);
        return;
    case OD_GQL_DATUM_BOOL:
        od_jw_bool(r->w, d->number != 0);
        return;
    case OD_GQL_DATUM_FIELD:
        od_field_write(r->w, d->field, d->object, d->digits);
        return;
    case OD_GQL_DATUM_RAW:
        od_jw_raw(r->w, d->text);
        return;
    case OD_GQL_DATUM_TREE:
        od_jw_value(r->w, d->object);
        return;
    case OD_GQL_DATUM_NULL:
    case OD_GQL_DATUM_OBJECT:
    case OD_GQL_DATUM_LIST:
    case OD_GQL_DATUM_FAILED:
        od_jw_null(r->w);
        return;
    }
}

static bool is_null(const struct od_gql_datum *d)
{
    return d->kind == OD_GQL_DATUM_NULL || (d->kind == OD_GQL_DATUM_TEXT && !d->text.ptr) ||
           (d->kind == OD_GQL_DATUM_FIELD && od_field_none(d->field, d->object));
}

/* CompleteValue() of section 6.4.3 for a type that may be null. */
static enum written complete_nullable(struct run *r, const struct od_gql_plan_field *f,
                                      const struct od_gql_type *type, struct od_gql_datum *d,
                                      const struct od_gql_path *path)
{
    if (d->kind == OD_GQL_DATUM_FAILED) {
        fault(r, f, path, d->text, d->code);
        return BROKEN;
    }
    if (is_null(d))
        return NOTHING;
    r->values++;
    if (type->kind == OD_GQL_TYPE_LIST)
        return write_list(r, f, type->of, d, path);
    if (type->kind == OD_GQL_TYPE_OBJECT)
        return write_object(r, f->below, d->object, d->of, path);
    write_leaf(r, type, d);
    return VALUE;
}

static enum written complete(struct run *r, const struct od_gql_plan_field *f,
                             const struct od_gql_type *type, struct od_gql_datum *d,
                             const struct od_gql_path *path)
{
    struct mark before = mark(r);
    bool must = type->kind == OD_GQL_TYPE_NON_NULL;
    enum written got = complete_nullable(r, f, must ? type->of : type, d, path);

    if (got == VALUE)
        return VALUE;
    take_back(r, before);
    if (!must) {
        od_jw_null(r->w);
        return NOTHING;
    }
    if (got == NOTHING)
        fault(r, f, path,
              od_arena_printf(r->arena, "Cannot return null for non-nullable field %.*s.",
                              OD_STR_ARG(f->field->name)),
              OD_STR_NONE);
    return BROKEN;
}

/* What od_jw_key_str does, without a look at every byte of every key. */
static void write_member(struct run *r, const struct od_gql_plan_field *f)
{
    if (r->w->comma)
        od_buf_char(r->w->buf, ',');
    od_buf_str(r->w->buf, f->member);
    r->w->comma = false;
}

static void resolve(struct run *r, const struct od_gql_plan *plan,
                    const struct od_gql_plan_field *f, const void *object, const void *of,
                    struct od_gql_datum *d)
{
    const struct od_gql_call call = {
        .arena = r->arena,
        .schema = r->schema,
        .parent = plan->type,
        .plan = f,
        .field = f->field,
        .arguments = f->arguments,
        .object = object,
        .of = of,
    };

    if (!f->arguments)
        *d = (struct od_gql_datum){.kind = OD_GQL_DATUM_FAILED, .text = f->why};
    else
        f->field->resolver->resolve(&call, d);
}

static enum written write_object(struct run *r, const struct od_gql_plan *plan, const void *object,
                                 const void *of, const struct od_gql_path *path)
{
    od_jw_object(r->w);
    for (const struct od_gql_plan_field *f = plan->fields; f; f = f->next) {
        const struct od_gql_path at = {.above = path, .key = f->key};
        struct od_gql_datum d = {0};
        resolve(r, plan, f, object, of, &d);
        write_member(r, f);
        if (complete(r, f, f->field->type, &d, &at) == BROKEN)
            return BROKEN;
    }
    od_jw_object_end(r->w);
    return VALUE;
}

void od_gql_execute(struct od_json_writer *w, struct od_arena *a,
                    const struct od_gql_schema *schema, const struct od_gql_plan *plan,
                    const void *root, struct od_gql_faults *faults, uint64_t *values)
{
    struct run r = {.arena = a, .schema = schema, .faults = faults, .w = w};
    struct mark before = mark(&r);

    if (write_object(&r, plan, root, NULL, NULL) == BROKEN) {
        take_back(&r, before);
        od_jw_null(w);
    }
    *values += r.values;
}
