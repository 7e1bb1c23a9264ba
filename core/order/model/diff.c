#include "order/model/fields.h"
#include "order/model/model.h"
#include "order/model/parts.h"

/* Where two snapshots, or two addresses, are not the same. */

/* The field in which two entities of a kind differ, or NULL. */
static const char *differs(enum od_entity_kind kind, const void *x, const void *y)
{
    const struct od_entity *e = &od_entities[kind];

    for (uint32_t i = 0; i < e->field_count; i++) {
        if (!od_field_equal(&e->fields[i], x, y))
            return e->fields[i].name;
    }
    return NULL;
}

bool od_address_same(const struct od_address *x, const struct od_address *y)
{
    const struct od_entity *e = &od_entities[OD_ENTITY_ADDRESS];
    bool same = x->present == y->present;

    for (uint32_t i = 0; x->present && same && i < e->field_count; i++)
        same = e->fields[i].flags & OD_FIELD_KEY || od_field_equal(&e->fields[i], x, y);
    return same;
}

static const char *diff_addresses(struct od_arena *a, const struct od_order *x,
                                  const struct od_order *y)
{
    static const char *const names[2] = {"shipping_address", "billing_address"};

    for (int i = 0; i < 2; i++) {
        const char *field;
        if (x->addresses[i].present != y->addresses[i].present)
            return names[i];
        if (!x->addresses[i].present)
            continue;
        field = differs(OD_ENTITY_ADDRESS, &x->addresses[i], &y->addresses[i]);
        if (field)
            return od_arena_printf(a, "%s.%s", names[i], field).ptr;
    }
    return NULL;
}

static bool same(enum od_entity_kind kind, const void *x, const void *y)
{
    return !differs(kind, x, y);
}

static bool same_key(enum od_entity_kind kind, const void *x, const void *y)
{
    const struct od_entity *e = &od_entities[kind];
    bool equal = true;

    for (uint32_t i = 0; equal && i < e->field_count; i++)
        equal = !(e->fields[i].flags & OD_FIELD_KEY) || od_field_equal(&e->fields[i], x, y);
    return equal;
}

/* The element that stands in the list of owner and is `as` the one given; or NULL. */
static const void *find(const struct od_part_kind *p, const void *owner, const void *element,
                        bool (*as)(enum od_entity_kind kind, const void *x, const void *y))
{
    for (uint32_t i = 0; i < od_part_count(p, owner); i++) {
        const void *other = od_part_at(p, owner, i);
        if (od_part_stands(p, other) && as(p->kind, other, element))
            return other;
    }
    return NULL;
}

/* The items of a part are a set: a row knows no order among them. No event names one twice. */
static bool same_items(const struct od_part_kind *p, const void *x, const void *y)
{
    uint32_t count = od_part_count(p, x);

    if (count != od_part_count(p, y))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!find(p, y, od_part_at(p, x, i), same))
            return false;
    }
    return true;
}

static const char *diff_part(const struct od_part_kind *p, const void *x, const void *y)
{
    const char *field = differs(p->kind, x, y);

    OD_EACH_LIST_OF_PART (items, p) {
        if (!field && !same_items(items, x, y))
            field = items->name;
    }
    return field;
}

static uint32_t standing(const struct od_part_kind *p, const void *owner)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < od_part_count(p, owner); i++)
        n += od_part_stands(p, od_part_at(p, owner, i));
    return n;
}

/* The elements of a set are compared with those of the same key, others with those of the same
 * place. A released element counts as gone. */
static const char *diff_list(struct od_arena *a, const struct od_part_kind *p,
                             const struct od_order *x, const struct od_order *y)
{
    bool set = p->flags & OD_PART_SET;
    const char *field = NULL;
    uint32_t i = 0;

    if (standing(p, x) != standing(p, y))
        return p->name;
    for (; !field && i < od_part_count(p, x); i++) {
        const void *part = od_part_at(p, x, i);
        const void *other;
        if (!od_part_stands(p, part))
            continue;
        other = set ? find(p, y, part, same_key) : od_part_at(p, y, i);
        field = other ? diff_part(p, part, other) : od_entities[p->kind].fields->name;
    }
    return field ? od_arena_printf(a, "%s[%u].%s", p->name, i - 1, field).ptr : NULL;
}

const char *od_order_diff(struct od_arena *a, const struct od_order *x, const struct od_order *y)
{
    const char *at = differs(OD_ENTITY_ORDER, x, y);

    if (!at)
        at = diff_addresses(a, x, y);
    OD_EACH_LIST_OF_ORDER (p) {
        if (!at && !p->slots)
            at = diff_list(a, p, x, y);
    }
    return at;
}
