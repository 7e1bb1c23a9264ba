#ifndef OD_ORDER_MACHINE_READ_H
#define OD_ORDER_MACHINE_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "order/model/command.h"
#include "order/model/fields.h"

/*
 * Reads members of request bodies into structs by the field tables. Internal to order/.
 * Findings go to the problem list; strings borrow from the JSON tree.
 */

/* Where a value stands in the body; made into an RFC 6901 pointer only when there is a problem. */
struct od_path {
    const struct od_path *up; /* NULL: the body itself */
    struct od_str key;        /* absent: an element, `index` */
    uint32_t index;
};

struct od_reader {
    struct od_arena *arena;
    struct od_problem_list *problems;
    int digits;                     /* of the currency that amounts are in */
    struct od_str default_currency; /* of a PLACE body that names none */
    size_t found;                   /* problems of this body, also those past OD_PROBLEMS_MAX */
};

/* A member that is not a plain field, or reads a field in its own way. */
struct od_member {
    const char *name;
    void (*read)(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                 struct od_command *c);
    bool nulls; /* is called for null too; elsewhere null is as good as absent */
};

/* What an object may hold: the fields of `entity` that have all of `flags` and are not internal,
 * and `members` (ended by a NULL name). */
struct od_shape {
    const struct od_entity *entity; /* or NULL */
    uint16_t flags;
    const struct od_member *members; /* or NULL */
};

/* Bit i of each: field i of the shape's entity. */
struct od_read_mask {
    uint64_t given; /* has a value now */
    uint64_t nulls; /* was null; the struct is untouched */
};

void od_read_problem(struct od_reader *r, const struct od_path *path, const char *fmt, ...)
    OD_PRINTF(3, 4);

/* Reads all members of *o (a problem when it is no object) into *entity and, for members, *c. */
struct od_read_mask od_read_shape(struct od_reader *r, const struct od_shape *shape,
                                  const struct od_json *o, const struct od_path *path, void *entity,
                                  struct od_command *c);

/* One value into its place in *entity; false when there was a problem. */
bool od_read_field(struct od_reader *r, const struct od_field *f, const struct od_json *v,
                   const struct od_path *path, void *entity);

/* A string of 1..max bytes without control characters but \n and \t; absent when there was a
 * problem. */
struct od_str od_read_str(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          size_t max);

#endif
