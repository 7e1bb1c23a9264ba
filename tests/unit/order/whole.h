#ifndef TESTS_UNIT_ORDER_WHOLE_H
#define TESTS_UNIT_ORDER_WHOLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "order/model/parts.h"

/*
 * An order in which nothing is absent: every field of every entity has a value of its own, each
 * list has WHOLE_PARTS parts, and each of those as many items. It is made from the tables alone, so
 * a new field and a new kind of part are in it without a line here. It makes no sense as an order.
 */

enum { WHOLE_PARTS = 2 };

/* Gives the field a value that no other number gives it. */
static inline void whole_set(struct od_arena *a, const struct od_field *f, void *entity, int number)
{
    void *to = (char *)entity + f->offset;

    switch (f->type) {
    case OD_FIELD_STR:
        *(struct od_str *)to = od_arena_printf(a, "%s-%d", f->name, number);
        return;
    case OD_FIELD_JSON:
        *(struct od_str *)to = od_arena_printf(a, "{\"%s\":%d}", f->name, number);
        return;
    case OD_FIELD_I32:
        *(int32_t *)to = number;
        return;
    case OD_FIELD_I64:
    case OD_FIELD_MONEY:
    case OD_FIELD_DECIMAL:
        *(int64_t *)to = number;
        return;
    case OD_FIELD_TIME:
        *(int64_t *)to = INT64_C(1499637425000000) + number * INT64_C(1000000);
        return;
    case OD_FIELD_BOOL:
        *(bool *)to = number % 2 == 1;
        return;
    case OD_FIELD_UUID:
        memset(to, number % 255 + 1, sizeof(struct od_uuid));
        return;
    }
}

/* Numbers are odd, so that flags are set. */
static inline void whole_fill(struct od_arena *a, enum od_entity_kind kind, void *entity,
                              int *number)
{
    const struct od_entity *e = &od_entities[kind];

    for (uint32_t i = 0; i < e->field_count; i++)
        whole_set(a, &e->fields[i], entity, *number += 2);
}

static inline void whole_list(struct od_arena *a, const struct od_part_kind *p, void *owner,
                              int *number)
{
    const struct od_field *first = od_entities[p->kind].fields;

    if (!p->slots)
        od_part_put(p, owner, od_arena_array(a, WHOLE_PARTS, od_entities[p->kind].size),
                    WHOLE_PARTS);
    for (uint32_t i = 0; i < od_part_count(p, owner); i++) {
        char *part = od_part_at(p, owner, i);
        whole_fill(a, p->kind, part, number);
        if (first->type == OD_FIELD_I32)
            whole_set(a, first, part, p->owner == OD_ENTITY_ORDER ? (int)i + 1 : od_part_id(owner));
        if (p->present)
            *(bool *)(part + p->present) = true;
        OD_EACH_LIST_OF_PART (items, p)
            whole_list(a, items, part, number);
    }
}

static inline struct od_order *whole_order(struct od_arena *a)
{
    struct od_order *o = OD_NEW(a, struct od_order);
    int number = 1;

    whole_fill(a, OD_ENTITY_ORDER, o, &number);
    o->currency = OD_STR("EUR");
    OD_EACH_LIST_OF_ORDER (p)
        whole_list(a, p, o, &number);
    o->addresses[OD_SHIPPING].kind = OD_STR("shipping");
    o->addresses[OD_BILLING].kind = OD_STR("billing");
    return o;
}

#endif
