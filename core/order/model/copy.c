#include <string.h>

#include "order/model/parts.h"

/* Copies of a snapshot. */

static void *copy(struct od_arena *a, const void *from, size_t count, size_t size)
{
    /* The original is so large: the product does not overflow. */
    return count > 0 ? memcpy(od_arena_alloc(a, count * size), from, count * size) : NULL;
}

/* Gives the owner a list of its own. */
static void copy_list(struct od_arena *a, const struct od_part_kind *p, void *owner)
{
    uint32_t count = od_part_count(p, owner);
    void *list = od_part_at(p, owner, 0);

    if (!p->slots) /* else it came with the owner */
        od_part_put(p, owner, copy(a, list, count, od_entities[p->kind].size), count);
}

/* Gives the owner what a decision may change. What is shared or empty stays as it is: the next goes
 * to a new list, for there is no room left. */
static void copy_changing(struct od_arena *a, const struct od_part_kind *p, void *owner)
{
    uint32_t count = od_part_count(p, owner);

    if (count == 0 || p->flags & OD_PART_SHARED) {
        od_part_close(p, owner);
        return;
    }
    copy_list(a, p, owner);
    OD_EACH_LIST_OF_PART (items, p) {
        for (uint32_t i = 0; i < count; i++)
            copy_changing(a, items, od_part_at(p, owner, i));
    }
}

struct od_order *od_order_clone(struct od_arena *a, const struct od_order *o)
{
    struct od_order *c = copy(a, o, 1, sizeof *o);

    OD_EACH_LIST_OF_ORDER (p)
        copy_changing(a, p, c);
    return c;
}

static void copy_texts(struct od_arena *a, enum od_entity_kind kind, void *entity)
{
    const struct od_entity *e = &od_entities[kind];

    for (uint32_t i = 0; i < e->field_count; i++) {
        struct od_str *s = (void *)((char *)entity + e->fields[i].offset);
        if (e->fields[i].type == OD_FIELD_STR || e->fields[i].type == OD_FIELD_JSON)
            *s = od_arena_str(a, *s);
    }
}

static void copy_all(struct od_arena *a, const struct od_part_kind *p, void *owner)
{
    copy_list(a, p, owner);
    for (uint32_t i = 0; i < od_part_count(p, owner); i++) {
        void *part = od_part_at(p, owner, i);
        copy_texts(a, p->kind, part);
        OD_EACH_LIST_OF_PART (items, p)
            copy_all(a, items, part);
    }
}

struct od_order *od_order_keep(struct od_arena *a, const struct od_order *o)
{
    struct od_order *c = copy(a, o, 1, sizeof *o);

    copy_texts(a, OD_ENTITY_ORDER, c);
    OD_EACH_LIST_OF_ORDER (p)
        copy_all(a, p, c);
    return c;
}
