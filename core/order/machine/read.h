#ifndef OD_ORDER_MACHINE_READ_H
#define OD_ORDER_MACHINE_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "order/model/command.h"
#include "order/model/fields.h"

/*
 * Reads members of request bodies into structs by the tables of fields. Findings go to the list of
 * problems. Strings borrow from the JSON tree. Only order/ reads; whoever describes bodies, such as
 * the types of GraphQL, looks at the shapes.
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

/* What a member takes, for those who describe bodies. */
enum od_takes {
    OD_TAKES_NOTHING = 0, /* it is refused where it stands */
    OD_TAKES_TEXT,
    OD_TAKES_TEXTS, /* a list of them */
    OD_TAKES_WHOLE, /* a whole number */
    OD_TAKES_AMOUNT,
    OD_TAKES_BOOL,
    OD_TAKES_TIME,
    OD_TAKES_JSON, /* of several types, or any object */
    OD_TAKES_OBJECT,
    OD_TAKES_OBJECTS, /* a list of them */
};

struct od_shape;

/* A member that is no plain field, or that reads a field in its own way. */
struct od_member {
    const char *name;
    void (*read)(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                 struct od_command *c);
    bool nulls; /* is called for null, too; elsewhere null counts as absent */
    enum od_takes takes;
    const struct od_shape *shape; /* of its objects; else NULL */
};

/* The members that an object may have: the fields of `entity` that have all of `flags` and are not
 * internal, and `members` (ended by a NULL name). */
struct od_shape {
    const struct od_entity *entity; /* or NULL */
    uint16_t flags;
    const struct od_member *members; /* or NULL */
    const char *name; /* of an object that stands in bodies: "OrderItem"; NULL: a whole body */
    /* Names of members that must be there, ended by NULL; or NULL. Where anything else is wrong
     * with the object, what lacks is not told. */
    const char *const *needs;
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
