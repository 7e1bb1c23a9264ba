#include "api/openapi/tree.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/assert.h"

enum { MAX_DEPTH = 64, MAX_TEXT = 4096 };

struct od_json *od_tree(struct od_arena *a, const char *fmt, ...)
{
    char *text = od_arena_alloc(a, MAX_TEXT);
    struct od_json *out;
    struct od_err err;
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(text, MAX_TEXT, fmt, args);
    va_end(args);
    OD_ASSERT(len >= 0 && len < MAX_TEXT);
    OD_ASSERT(od_json_parse(a, od_str_n(text, (size_t)len), MAX_DEPTH, &out, &err) == 0);
    return out;
}

static struct od_json *member(struct od_json *o, struct od_str key)
{
    struct od_json *m = o->type == OD_JSON_OBJECT ? o->child : NULL;
    while (m && !od_str_eq(m->key, key))
        m = m->next;
    return m;
}

struct od_json *od_tree_member(struct od_json *o, const char *key)
{
    return member(o, od_str_of(key));
}

static void link_last(struct od_json *parent, struct od_json *v)
{
    struct od_json **at = &parent->child;
    while (*at)
        at = &(*at)->next;
    v->next = NULL;
    *at = v;
    parent->count++;
}

void od_tree_set(struct od_arena *a, struct od_json *o, struct od_str key, const struct od_json *v)
{
    struct od_json *m = member(o, key);
    OD_ASSERT(o->type == OD_JSON_OBJECT);
    if (m) {
        struct od_json *next = m->next;
        *m = *v;
        m->next = next;
    } else {
        m = OD_NEW(a, struct od_json);
        *m = *v;
        link_last(o, m);
    }
    m->key = key;
}

void od_tree_append(struct od_arena *a, struct od_json *array, const struct od_json *v)
{
    struct od_json *copy = OD_NEW(a, struct od_json);
    OD_ASSERT(array->type == OD_JSON_ARRAY);
    *copy = *v;
    copy->key = OD_STR_NONE;
    link_last(array, copy);
}

void od_tree_drop(struct od_json *o, const char *key)
{
    struct od_json **at = &o->child;
    while (*at && !od_str_is((*at)->key, key))
        at = &(*at)->next;
    if (!*at)
        return;
    *at = (*at)->next;
    o->count--;
}

bool od_tree_names_type(const struct od_json *schema)
{
    /* A list of properties may have one called "type", which is then a schema. */
    const struct od_json *type = od_json_get(schema, "type");
    return od_json_get(schema, "$ref") || od_json_get(schema, "oneOf") ||
           (type && type->type != OD_JSON_OBJECT);
}

struct od_json od_tree_str(struct od_str s)
{
    return (struct od_json){.type = OD_JSON_STRING, .text = s};
}

void od_tree_merge(struct od_arena *a, struct od_json *to, const struct od_json *from)
{
    for (const struct od_json *m = from->child; m; m = m->next) {
        struct od_json *there = member(to, m->key);
        if (there && there->type == OD_JSON_OBJECT && m->type == OD_JSON_OBJECT &&
            !od_tree_names_type(m))
            od_tree_merge(a, there, m);
        else
            od_tree_set(a, to, m->key, m);
    }
}
