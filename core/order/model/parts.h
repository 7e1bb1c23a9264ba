#ifndef OD_ORDER_MODEL_PARTS_H
#define OD_ORDER_MODEL_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "order/model/fields.h"
#include "order/model/model.h"

/*
 * The one description of what an order consists of: for each kind of part, whose it is, where its
 * list is, and what is special about it. Whoever copies, reads, writes, compares or shows the parts
 * of an order walks this table; what a part is made of stands beside it in fields.c. A new kind is
 * a struct and a list in model.h, a line in kinds.h, its fields in fields.c, a row in parts.c, and
 * a table in a migration. tests/unit/order/test_parts.c says what a row lacks.
 */

enum od_part_flag {
    OD_PART_SET = 1 << 0,    /* its key tells an element from the others, its place does not; one
                              * that is gone stays in the list as OD_DIRTY_DELETED until its row is
                              * deleted */
    OD_PART_SHARED = 1 << 1, /* never changes once it is there: copies of an order share it */
    OD_PART_UUID = 1 << 2,   /* the API shows a uuid of it, which follows from the order's */
};

struct od_part_kind {
    enum od_entity_kind kind;
    enum od_entity_kind owner; /* the order, or the kind of part that this one stands behind */
    const char *name;          /* of the list: member, JSON key, name for scripts ("shipments") */
    /* Members of the owner. cap 0: nothing is ever appended. */
    uint16_t list, count, cap;
    uint16_t slots; /* > 0: the list is so many structs in the owner itself; there is no count */
    /* Members of the part. dirty 0: it is written with its owner and never again; present 0: it
     * always is. */
    uint16_t dirty, present;
    uint16_t flags;
};

/* The row of each kind; that of the order is empty. */
extern const struct od_part_kind od_part_kinds[OD_ENTITY_COUNT];

/* Each kind of part: those of the order, and behind each of them those of the part. */
#define OD_EACH_PART_KIND(p)                                                                       \
    for (const struct od_part_kind *p = &od_part_kinds[OD_ENTITY_ORDER + 1];                       \
         p < &od_part_kinds[OD_ENTITY_COUNT]; p++)
#define OD_EACH_LIST_OF_ORDER(p)                                                                   \
    OD_EACH_PART_KIND (p)                                                                          \
        if (p->owner == OD_ENTITY_ORDER)
#define OD_EACH_LIST_OF_PART(p, above)                                                             \
    for (const struct od_part_kind *p = (above) + 1;                                               \
         p < &od_part_kinds[OD_ENTITY_COUNT] && p->owner == (above)->kind; p++)

/* How many elements the owner's list has. */
uint32_t od_part_count(const struct od_part_kind *p, const void *owner);
/* The element at i < count. */
void *od_part_at(const struct od_part_kind *p, const void *owner, uint32_t i);
/* Makes `list` the owner's list. Not for slots. */
void od_part_put(const struct od_part_kind *p, void *owner, void *list, uint32_t count);
enum od_dirty od_part_dirty(const struct od_part_kind *p, const void *part);
/* Whether an element of a list is one: not deleted, and not an empty slot. */
bool od_part_stands(const struct od_part_kind *p, const void *part);
/* The number of a part; of an item, the number of the part that it belongs to: the first field of
 * each. Not for sets and slots. */
int32_t od_part_id(const void *part);
/* The part of that number; or NULL. The parts of an order are numbered 1, 2, 3 … */
void *od_part_numbered(enum od_entity_kind kind, const struct od_order *o, int32_t id);

#endif
