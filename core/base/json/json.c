#include "base/json/json.h"

#include <string.h>

#include "base/assert.h"
#include "base/json/reader.h"
#include "base/map.h"
#include "base/money.h"

/* The reader recurses once per level of nesting; about 200 bytes of stack each. */
#define DEPTH_MAX 1024

/* Up to this many members are compared one by one; larger objects get a hash map. */
#define LINEAR_MEMBERS 32

static void skip_blanks(struct od_json_reader *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t'))
        r->p++;
}

static bool take_digits(struct od_json_reader *r)
{
    const char *first = r->p;

    while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
        r->p++;
    return r->p > first;
}

static int take_number(struct od_json_reader *r, struct od_json *v)
{
    const char *first = r->p;

    v->type = OD_JSON_NUMBER;
    (void)od_json_take(r, '-');
    if (!od_json_take(r, '0') && !take_digits(r))
        return od_json_fail(r, "expected a value");
    if (od_json_take(r, '.') && !take_digits(r))
        return od_json_fail(r, "expected a digit");
    if (od_json_take(r, 'e') || od_json_take(r, 'E')) {
        if (!od_json_take(r, '+'))
            (void)od_json_take(r, '-');
        if (!take_digits(r))
            return od_json_fail(r, "expected a digit");
    }
    v->text = od_str_n(first, (size_t)(r->p - first));
    return 0;
}

static int take_word(struct od_json_reader *r, struct od_str word)
{
    if (!od_str_starts_with(od_str_n(r->p, (size_t)(r->end - r->p)), word))
        return od_json_fail_at(r, r->p, "expected a value");
    r->p += word.len;
    return 0;
}

static int take_value(struct od_json_reader *r, struct od_json *v);

static int enter(struct od_json_reader *r)
{
    if (r->depth_left == 0)
        return od_json_fail_at(r, r->p - 1, "nested too deeply");
    r->depth_left--;
    return 0;
}

static struct od_json *append(struct od_json_reader *r, struct od_json *parent,
                              struct od_json ***link)
{
    struct od_json *v = OD_NEW(r->arena, struct od_json);

    **link = v;
    *link = &v->next;
    parent->count++;
    return v;
}

static int take_array(struct od_json_reader *r, struct od_json *array)
{
    struct od_json **link = &array->child;

    array->type = OD_JSON_ARRAY;
    if (enter(r) != 0)
        return -1;
    skip_blanks(r);
    if (!od_json_take(r, ']')) {
        do {
            if (take_value(r, append(r, array, &link)) != 0)
                return -1;
        } while (od_json_take(r, ','));
        if (!od_json_take(r, ']'))
            return od_json_fail(r, "expected ',' or ']'");
    }
    r->depth_left++;
    return 0;
}

/* The names met so far in one object. `filter` has one bit per kind of name (its length and three
 * of its bytes): a name whose bit is new is new, which spares most comparisons. */
struct names {
    uint64_t filter;
    struct od_map map; /* in use past LINEAR_MEMBERS */
};

static uint64_t filter_bit(struct od_str name)
{
    size_t mix = name.len;

    if (name.len > 0)
        mix = mix * 7 + (unsigned char)name.ptr[0] * 5 + (unsigned char)name.ptr[name.len - 1] * 3 +
              (unsigned char)name.ptr[name.len / 2];
    return (uint64_t)1 << (mix & 63);
}

/* Notes the name of the object's last member; false when another member has it. */
static bool names_add(struct names *names, const struct od_json *object, struct od_json *member)
{
    uint64_t bit = filter_bit(member->key);
    bool maybe = names->filter & bit;

    names->filter |= bit;
    if (object->count <= LINEAR_MEMBERS) {
        if (maybe)
            for (const struct od_json *m = object->child; m != member; m = m->next)
                if (od_str_eq(m->key, member->key))
                    return false;
        return true;
    }
    if (names->map.count == 0)
        for (struct od_json *m = object->child; m != member; m = m->next)
            od_map_put(&names->map, m->key, m);
    if (od_map_get(&names->map, member->key))
        return false;
    od_map_put(&names->map, member->key, member);
    return true;
}

static int take_members(struct od_json_reader *r, struct od_json *object, struct names *names)
{
    struct od_json **link = &object->child;

    do {
        struct od_json *v = append(r, object, &link);
        const char *at;

        skip_blanks(r);
        at = r->p;
        if (!od_json_take(r, '"'))
            return od_json_fail(r, "expected a member name");
        if (od_json_take_string(r, &v->key) != 0)
            return -1;
        if (!names_add(names, object, v))
            return od_json_fail_at(r, at, "duplicate member name");
        skip_blanks(r);
        if (!od_json_take(r, ':'))
            return od_json_fail(r, "expected ':'");
        if (take_value(r, v) != 0)
            return -1;
    } while (od_json_take(r, ','));
    return od_json_take(r, '}') ? 0 : od_json_fail(r, "expected ',' or '}'");
}

static int take_object(struct od_json_reader *r, struct od_json *object)
{
    struct names names = {0};
    int rc = 0;

    object->type = OD_JSON_OBJECT;
    if (enter(r) != 0)
        return -1;
    skip_blanks(r);
    if (!od_json_take(r, '}'))
        rc = take_members(r, object, &names);
    od_map_fini(&names.map);
    r->depth_left++;
    return rc;
}

static int take_bare(struct od_json_reader *r, struct od_json *v)
{
    switch (*r->p) {
    case '"':
        r->p++;
        v->type = OD_JSON_STRING;
        return od_json_take_string(r, &v->text);
    case '{':
        r->p++;
        return take_object(r, v);
    case '[':
        r->p++;
        return take_array(r, v);
    case 't':
        v->type = OD_JSON_BOOL;
        v->boolean = true;
        return take_word(r, OD_STR("true"));
    case 'f':
        v->type = OD_JSON_BOOL;
        return take_word(r, OD_STR("false"));
    case 'n':
        return take_word(r, OD_STR("null"));
    default:
        return take_number(r, v);
    }
}

/* A value with the blanks around it, into the cleared *v. */
static int take_value(struct od_json_reader *r, struct od_json *v)
{
    const char *first;

    skip_blanks(r);
    first = r->p;
    if (r->p == r->end)
        return od_json_fail(r, "");
    if (take_bare(r, v) != 0)
        return -1;
    v->raw = od_str_n(first, (size_t)(r->p - first));
    skip_blanks(r);
    return 0;
}

int od_json_parse(struct od_arena *a, struct od_str text, unsigned max_depth, struct od_json **out,
                  struct od_err *err)
{
    struct od_json_reader r = {.p = text.ptr ? text.ptr : "", .arena = a, .err = err};
    struct od_json *root = OD_NEW(a, struct od_json);

    OD_ASSERT(max_depth <= DEPTH_MAX);
    r.begin = r.p;
    r.end = r.p + text.len;
    r.depth_left = max_depth;
    if (take_value(&r, root) != 0)
        return -1;
    if (r.p < r.end)
        return od_json_fail(&r, "unexpected text after the value");
    *out = root;
    return 0;
}

const struct od_json *od_json_get(const struct od_json *o, const char *key)
{
    return od_json_get_str(o, od_str_of(key));
}

const struct od_json *od_json_get_str(const struct od_json *o, struct od_str key)
{
    if (!o || o->type != OD_JSON_OBJECT)
        return NULL;
    for (const struct od_json *m = o->child; m; m = m->next)
        if (od_str_eq(m->key, key))
            return m;
    return NULL;
}

/* Duplicate names are refused by the parser, so members of the same count and names are paired. */
static bool same_children(const struct od_json *x, const struct od_json *y)
{
    const struct od_json *w = y->child;

    if (x->count != y->count)
        return false;
    for (const struct od_json *v = x->child; v; v = v->next) {
        const struct od_json *other = x->type == OD_JSON_OBJECT ? od_json_get_str(y, v->key) : w;
        if (!other || !od_json_same(v, other))
            return false;
        w = w->next;
    }
    return true;
}

bool od_json_same(const struct od_json *x, const struct od_json *y)
{
    if (x->type != y->type)
        return false;
    switch (x->type) {
    case OD_JSON_NULL:
        return true;
    case OD_JSON_BOOL:
        return x->boolean == y->boolean;
    case OD_JSON_NUMBER:
    case OD_JSON_STRING:
        return od_str_eq(x->text, y->text);
    case OD_JSON_ARRAY:
    case OD_JSON_OBJECT:
        break;
    }
    return same_children(x, y);
}

bool od_json_i64(const struct od_json *v, int64_t min, int64_t max, int64_t *out)
{
    int64_t n;

    if (!v || v->type != OD_JSON_NUMBER || od_decimal_parse(v->text, 0, &n, NULL) != 0)
        return false;
    if (n < min || n > max)
        return false;
    *out = n;
    return true;
}
