#ifndef OD_SCRIPT_VALUE_RECORD_H
#define OD_SCRIPT_VALUE_RECORD_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "order/model/fields.h"
#include "script/vm/binding.h"

/*
 * Tables that C makes for scripts are marked as what they are, before they are frozen. A list is a
 * list in JSON also when it is empty. The fields of a record are known: an absent one is nil, and a
 * name that the record cannot have raises, so that a typing mistake shows.
 */

struct l_part;

struct l_shape {
    const char *noun;               /* "request"; NULL: the entity's */
    const char *const *names;       /* NULL at the end; NULL: none */
    const struct od_entity *entity; /* its fields with all of `flags` are names, too; or NULL */
    uint16_t flags;
    const struct l_part *parts; /* members with a shape of their own; key NULL at the end */
    bool lists;                 /* so are the lists of parts that the entity owns */
};

/* A member that is a record, or a list of them. */
struct l_part {
    const char *key;
    const struct l_shape *shape;
};

/* Marks the plain table at the top as a record of that shape, which is static.
 * [-0, +0, m] */
void l_as_record(lua_State *L, const struct l_shape *shape);
/* Pushes the function that raises for names the shape does not have, for an __index. [-0, +1, m] */
void l_push_record_index(lua_State *L, const struct l_shape *shape);
/* Returns the shape of the member, or NULL. */
const struct l_shape *l_part_shape(const struct l_shape *shape, struct od_str key);

/* Marks the plain table at the top as a list. [-0, +0, m] */
void l_as_list(lua_State *L);
/* Returns whether the plain table at idx is marked as a list. [-0, +0, -] */
bool l_is_list(lua_State *L, int idx);

/* Shapes of what oms.order and services answer, and of a row of oms.orders(). */
extern const struct l_shape l_order_shape, l_row_shape;
extern const struct l_binding l_list_bindings[];

#endif
