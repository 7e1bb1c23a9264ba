#ifndef OD_ORDER_SHOW_SIGHT_H
#define OD_ORDER_SHOW_SIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "order/model/field_class.h"
#include "order/model/fields.h"

struct od_json_writer;

/*
 * What is shown of an order to somebody who sees some classes of fields. A field that is hidden is
 * null; writers note here which ones had a value, so that the order can say "masked":
 * ["customer.email", "items.price"], and nobody takes a hidden value for a missing one. A writer
 * that is given no sight shows everything.
 */

/* Members that are no field of the table. */
enum od_sight_member {
    OD_SIGHT_AMOUNTS = 0, /* amountAuthorized and the others that od_amounts_write has */
    OD_SIGHT_ACTIVITIES,
    OD_SIGHT_TERMS, /* of changes, with the totals before and after them */
    OD_SIGHT_MEMBERS
};

struct od_sight {
    unsigned classes; /* that are seen: bits of enum od_field_class */
    /* What the writers note: bits of fields by their entity, of the two addresses, and of members.
     */
    uint64_t hidden[OD_ENTITY_COUNT];
    uint64_t addresses[2];
    unsigned members;
};

/* Whether all of these classes are seen. s NULL: yes. */
static inline bool od_sight_sees(const struct od_sight *s, unsigned classes)
{
    return !s || (s->classes & classes) == classes;
}

/* Notes that the member has a value, and is not shown, unless all of these classes are seen.
 * Returns whether they are. */
bool od_sight_shows(struct od_sight *s, enum od_sight_member member, unsigned classes);

/* Writes "masked": [paths], unless nothing could have been hidden. */
void od_sight_write_masked(struct od_json_writer *w, const struct od_sight *s);

#endif
