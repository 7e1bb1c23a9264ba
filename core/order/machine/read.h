#ifndef OD_ORDER_MACHINE_READ_H
#define OD_ORDER_MACHINE_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "order/model/command.h"
#include "order/model/fields.h"

/*
 * Reads members of request bodies into structs by the tables of fields. Findings go to the list of
 * problems. Strings borrow from the JSON tree. Internal to order/.
 */

/* The place of a value in the body. It becomes an RFC 6901 pointer only when there is a problem. */
struct od_path {
    const struct od_path *up; /* NULL: the body itself */
    struct od_str key;        /* absent: it is the element `index` of an array */
    uint32_t index;
};

struct od_reader {
    struct od_arena *arena;
    struct od_problem_list *problems;
    int digits;                     /* fraction digits of the currency of amounts */
    struct od_str default_currency; /* for a PLACE body that names none */
    size_t found;                   /* all problems of this body, also past OD_PROBLEMS_MAX */
};

/* A member that is no plain field, or that reads a field in its own way. */
struct od_member {
    const char *name;
    void (*read)(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                 struct od_command *c);
    bool nulls; /* is called for null, too; elsewhere null counts as absent */
};

/* The members that an object may have: the fields of `entity` that have all of `flags` and are not
 * internal, and `members` (ended by a NULL name). */
struct od_shape {
    const struct od_entity *entity; /* or NULL */
    uint16_t flags;
    const struct od_member *members; /* or NULL */
};

/* Bit i stands for field i of the shape's entity. */
struct od_read_mask {
    uint64_t given; /* has a value now */
    uint64_t nulls; /* was null; the struct is untouched */
};

void od_read_problem(struct od_reader *r, const struct od_path *path, const char *fmt, ...)
    OD_PRINTF(3, 4);

/* Reads all members of *o: fields into *entity, `members` into *c. It is a problem when *o is no
 * object. */
struct od_read_mask od_read_shape(struct od_reader *r, const struct od_shape *shape,
                                  const struct od_json *o, const struct od_path *path, void *entity,
                                  struct od_command *c);

/* Reads one value into its place in *entity. False: there was a problem. */
bool od_read_field(struct od_reader *r, const struct od_field *f, const struct od_json *v,
                   const struct od_path *path, void *entity);

/* Reads a string of 1 to max bytes, whose only control characters may be newlines and tabs. Absent:
 * there was a problem. */
struct od_str od_read_str(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          size_t max);

#endif
