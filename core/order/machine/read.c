#include "order/machine/read.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/money.h"
#include "order/model/limits.h"

static void pointer_write(const struct od_path *path, struct od_buf *out)
{
    if (!path->up)
        return;
    pointer_write(path->up, out);
    od_buf_char(out, '/');
    if (!path->key.ptr) {
        od_buf_i64(out, path->index);
        return;
    }
    for (size_t i = 0; i < path->key.len; i++) {
        char c = path->key.ptr[i];
        if (c == '~')
            od_buf_str(out, OD_STR("~0"));
        else if (c == '/')
            od_buf_str(out, OD_STR("~1"));
        else
            od_buf_char(out, c);
    }
}

void od_read_problem(struct od_reader *r, const struct od_path *path, const char *fmt, ...)
{
    if (r->found++ >= OD_PROBLEMS_MAX)
        return;
    char detail[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(detail, sizeof detail, fmt, args);
    va_end(args);

    struct od_buf pointer;
    od_buf_init(&pointer, 4096);
    pointer_write(path, &pointer);
    od_buf_char(&pointer, '\0');
    od_problem_add(r->problems, pointer.overflow ? "" : pointer.ptr, "%s", detail);
    od_buf_fini(&pointer);
}

/* Counts instead of stopping at the first, so that the compiler can use vector instructions. */
static bool has_control(struct od_str s)
{
    unsigned found = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        found |= (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
    }
    return found != 0;
}

static bool check_str(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                      size_t max)
{
    if (v->type != OD_JSON_STRING)
        od_read_problem(r, path, "must be a string");
    else if (v->text.len > max)
        od_read_problem(r, path, "is longer than %zu bytes", max);
    else if (has_control(v->text))
        od_read_problem(r, path, "holds a control character");
    else
        return true;
    return false;
}

struct od_str od_read_str(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          size_t max)
{
    if (!check_str(r, v, path, max))
        return OD_STR_NONE;
    if (v->text.len == 0) {
        od_read_problem(r, path, "must not be empty");
        return OD_STR_NONE;
    }
    return v->text;
}

/* Amounts, weights and percents: a number or the same as a string; never negative. */
static bool read_decimal(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                         int digits, int64_t *out)
{
    if (v->type != OD_JSON_NUMBER && v->type != OD_JSON_STRING) {
        od_read_problem(r, path, "must be a decimal number");
        return false;
    }
    struct od_err err;
    int64_t value;
    if (od_decimal_parse(v->text, digits, &value, &err) != 0) {
        od_read_problem(r, path, "%s", err.message);
        return false;
    }
    if (value < 0) {
        od_read_problem(r, path, "must not be negative");
        return false;
    }
    *out = value;
    return true;
}

/* The integers a body may hold are quantities and item numbers. */
static bool read_i32(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                     int32_t *out)
{
    int64_t value;
    if (!od_json_i64(v, 1, OD_QTY_MAX, &value)) {
        od_read_problem(r, path, "must be a whole number from 1 to %d", OD_QTY_MAX);
        return false;
    }
    *out = (int32_t)value;
    return true;
}

static bool check_tags(struct od_reader *r, const struct od_json *v, const struct od_path *path)
{
    if (v->type != OD_JSON_ARRAY || v->count > OD_TAGS_MAX) {
        od_read_problem(r, path, "must be an array of at most %d strings", OD_TAGS_MAX);
        return false;
    }
    bool good = true;
    struct od_path at = {.up = path};
    for (const struct od_json *tag = v->child; tag; tag = tag->next, at.index++)
        good = od_read_str(r, tag, &at, OD_TAG_MAX).ptr && good;
    return good;
}

static bool read_json(struct od_reader *r, const struct od_field *f, const struct od_json *v,
                      const struct od_path *path, struct od_str *out)
{
    if (v->raw.len > f->max_len) {
        od_read_problem(r, path, "is longer than %u bytes", (unsigned)f->max_len);
        return false;
    }
    if (strcmp(f->name, "tags") == 0) {
        if (!check_tags(r, v, path))
            return false;
    } else if (v->type != OD_JSON_OBJECT &&
               (v->type != OD_JSON_ARRAY || strcmp(f->name, "metadata") == 0)) {
        od_read_problem(r, path, "must be an object");
        return false;
    }
    *out = v->raw;
    return true;
}

bool od_read_field(struct od_reader *r, const struct od_field *f, const struct od_json *v,
                   const struct od_path *path, void *entity)
{
    void *at = (char *)entity + f->offset;
    switch (f->type) {
    case OD_FIELD_STR:
        if (!check_str(r, v, path, f->max_len))
            return false;
        *(struct od_str *)at = v->text;
        return true;
    case OD_FIELD_I32:
        return read_i32(r, v, path, at);
    case OD_FIELD_MONEY:
        return read_decimal(r, v, path, r->digits, at);
    case OD_FIELD_DECIMAL:
        return read_decimal(r, v, path, OD_DECIMAL_DIGITS, at);
    case OD_FIELD_JSON:
        return read_json(r, f, v, path, at);
    case OD_FIELD_I64:
    case OD_FIELD_BOOL:
    case OD_FIELD_TIME:
    case OD_FIELD_UUID:
        break; /* no body gives one as a plain field */
    }
    od_read_problem(r, path, "cannot be set");
    return false;
}

/* Bodies tend to list members in the table's order: the search goes on behind the last hit. */
static const struct od_field *find_field(const struct od_entity *e, struct od_str key,
                                         uint32_t *next)
{
    if (!e || key.len == 0)
        return NULL;
    for (uint32_t n = 0, i = *next; n < e->field_count; n++, i++) {
        if (i >= e->field_count)
            i = 0;
        const char *name = e->fields[i].json;
        if (name[0] == key.ptr[0] && strncmp(name, key.ptr, key.len) == 0 && !name[key.len]) {
            *next = i + 1;
            return &e->fields[i];
        }
    }
    return NULL;
}

static const struct od_member *find_member(const struct od_shape *shape, struct od_str key)
{
    for (const struct od_member *m = shape->members; m && m->name && key.len > 0; m++) {
        if (m->name[0] == key.ptr[0] && od_str_is(key, m->name))
            return m;
    }
    return NULL;
}

static bool is_there(const struct od_json *o, const char *member)
{
    const struct od_json *v = od_json_get(o, member);
    return v && v->type != OD_JSON_NULL;
}

struct od_read_mask od_read_shape(struct od_reader *r, const struct od_shape *shape,
                                  const struct od_json *o, const struct od_path *path, void *entity,
                                  struct od_command *c)
{
    struct od_read_mask mask = {0};
    if (o->type != OD_JSON_OBJECT) {
        od_read_problem(r, path, "must be an object");
        return mask;
    }
    uint32_t next = 0;
    for (const struct od_json *v = o->child; v; v = v->next) {
        struct od_path at = {.up = path, .key = v->key};
        const struct od_member *m = find_member(shape, v->key);
        if (m) {
            if (v->type != OD_JSON_NULL || m->nulls)
                m->read(r, v, &at, c);
            continue;
        }
        const struct od_field *f = find_field(shape->entity, v->key, &next);
        if (!f || f->flags & OD_FIELD_INTERNAL) {
            od_read_problem(r, &at, "unknown member");
        } else if ((f->flags & shape->flags) != shape->flags) {
            od_read_problem(r, &at, "cannot be set here");
        } else {
            uint64_t bit = UINT64_C(1) << (f - shape->entity->fields);
            if (v->type == OD_JSON_NULL)
                mask.nulls |= bit;
            else if (od_read_field(r, f, v, &at, entity))
                mask.given |= bit;
        }
    }
    for (const char *const *n = shape->needs; n && *n; n++) {
        if (!is_there(o, *n))
            od_read_problem(r, &(struct od_path){path, od_str_of(*n), 0}, "is required");
    }
    return mask;
}
