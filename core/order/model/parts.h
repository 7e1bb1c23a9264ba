#ifndef OD_ORDER_MODEL_PARTS_H
#define OD_ORDER_MODEL_PARTS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "order/model/fields.h"
#include "order/model/model.h"

/*
 * The one description of the parts of an order. It says for each kind of part to whom it belongs,
 * where its list is, and what is special about it. Whoever copies, reads, writes, compares or shows
 * the parts of an order walks this table. fields.c has the fields of each part. A new kind is a
 * struct and a list in model.h, a line in kinds.h, its fields in fields.c, a row in parts.c, and a
 * table in a migration. tests/unit/order/test_parts.c says what a row lacks.
 */

enum od_part_flag {
    /* A key identifies an element, not its place. An element that is gone stays in the list as
     * OD_DIRTY_DELETED until its row is deleted. */
    OD_PART_SET = 1 << 0,
    OD_PART_SHARED = 1 << 1, /* it never changes, so copies of an order share it */
    OD_PART_UUID = 1 << 2,   /* the API shows its uuid, which follows from the order's */
};

struct od_part_kind {
    enum od_entity_kind kind;
    enum od_entity_kind owner; /* the order, or the kind of part to which this one belongs */
    const char *name;          /* of the list in C, JSON and scripts ("shipments") */
    /* Offsets in the owner. cap 0: nothing is ever appended. */
    uint16_t list, count, cap;
    uint16_t slots; /* > 0: the owner itself has so many structs, and no count */
    /* Offsets in the part. dirty 0: it is written with its owner and never again. present 0: it is
     * always present. */
    uint16_t dirty, present;
    uint16_t flags;
};

/* The row of each kind. The order's row is empty. */
extern const struct od_part_kind od_part_kinds[OD_ENTITY_COUNT];

/* Loop over the kinds of parts: over all, over those of the order, and over those of a part. */
#define OD_EACH_PART_KIND(p)                                                                       \
    for (const struct od_part_kind *p = &od_part_kinds[OD_ENTITY_ORDER + 1];                       \
         p < &od_part_kinds[OD_ENTITY_COUNT]; p++)
#define OD_EACH_LIST_OF_ORDER(p)                                                                   \
    OD_EACH_PART_KIND (p)                                                                          \
        if (p->owner == OD_ENTITY_ORDER)
#define OD_EACH_LIST_OF_PART(p, above)                                                             \
    for (const struct od_part_kind *p = (above) + 1;                                               \
         p < &od_part_kinds[OD_ENTITY_COUNT] && p->owner == (above)->kind; p++)

/* Returns how many elements the owner's list has. */
static inline uint32_t od_part_count(const struct od_part_kind *p, const void *owner)
{
    return p->slots ? p->slots : *(const uint32_t *)(const void *)((const char *)owner + p->count);
}

/* Returns the element at i < count; at 0, the list itself. */
static inline void *od_part_at(const struct od_part_kind *p, const void *owner, uint32_t i)
{
    char *list = (char *)owner + p->list, *pointed;

    if (!p->slots) {
        memcpy(&pointed, list, sizeof pointed);
        list = pointed;
    }
    return i ? list + (size_t)i * od_entities[p->kind].size : list; /* NULL when it is empty */
}

/* Makes `list` the owner's list. It is not for slots. */
void od_part_put(const struct od_part_kind *p, void *owner, void *list, uint32_t count);
/* Leaves no room in the owner's list: what is appended next goes to a new one. */
static inline void od_part_close(const struct od_part_kind *p, void *owner)
{
    size_t cap = od_part_count(p, owner);

    if (p->cap)
        memcpy((char *)owner + p->cap, &cap, sizeof cap);
}
enum od_dirty od_part_dirty(const struct od_part_kind *p, const void *part);
/* Whether an element counts: it is not deleted, and it is no empty slot. */
bool od_part_stands(const struct od_part_kind *p, const void *part);
/* Returns the number of a part, which is its first field. An item of a part has the number of that
 * part there. It is not for sets and slots. */
int32_t od_part_id(const void *part);
/* Returns the part of that number, or NULL. The parts of an order are numbered 1, 2, 3 … */
void *od_part_numbered(enum od_entity_kind kind, const struct od_order *o, int32_t id);

#endif
