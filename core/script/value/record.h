#ifndef OD_SCRIPT_VALUE_RECORD_H
#define OD_SCRIPT_VALUE_RECORD_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "order/fields.h"

/*
 * Tables that C makes for scripts: lists, which are lists in JSON also when nothing is in them, and
 * records, whose fields are known, so that a typing mistake raises where an absent field is nil.
 * Both are marks on a plain table, set before it is frozen.
 */

struct l_part;

struct l_shape {
    const char *noun;               /* "request" */
    const char *const *names;       /* NULL at the end; NULL: none */
    const struct od_entity *entity; /* its fields that have all `flags` are names, too */
    uint16_t flags;
    const struct l_part *parts; /* names of what has a shape of its own; key NULL at the end */
};

/* A member that is a record, or a list of them. */
struct l_part {
    const char *key;
    const struct l_shape *shape;
};

/* Marks the plain table at the top as a record of that shape, which is static. [-0, +0, m] */
void l_as_record(lua_State *L, const struct l_shape *shape);
/* Pushes the function that raises for names the shape does not have, for an __index. [-0, +1, m] */
void l_push_record_index(lua_State *L, const struct l_shape *shape);
/* The shape of the member; NULL when it has none. */
const struct l_shape *l_part_shape(const struct l_shape *shape, struct od_str key);

/* Marks the plain table at the top as a list. [-0, +0, m] */
void l_as_list(lua_State *L);
/* Whether the plain table at idx is marked as a list. [-0, +0, -] */
bool l_is_list(lua_State *L, int idx);
/* oms.list(table) */
int l_oms_list(lua_State *L);

/* What oms.order and services answer, and rows of oms.orders(). */
extern const struct l_shape l_order_shape, l_row_shape;

#endif
