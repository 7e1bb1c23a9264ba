#ifndef OD_SCRIPT_VIEW_PUSH_H
#define OD_SCRIPT_VIEW_PUSH_H

#include "script/view/view.h"

#include <stdint.h>

#include "order/model/parts.h"

/* Pushes views of the parts of orders and events; shared by view.c (the order and its parts),
 * extras.c and event.c. */

struct view {
    uint64_t scope;   /* the scope it is alive in */
    const void *base; /* the struct, or the first element of a list */
    uint32_t count;   /* elements of a list */
};

/* Returns the view at idx. Raises when its call is over. [-0, +0, v] */
const struct view *l_view(lua_State *L, int idx);
/* Pushes a view whose metatable is registered under `key`. [-0, +1, m] */
void l_push_view(lua_State *L, const void *key, const void *base, uint32_t count);
/* Pushes a view of a struct, or nil when `base` is NULL. [-0, +1, m] */
void l_push_record(lua_State *L, enum od_entity_kind kind, const void *base);
/* Pushes the list of its owner. A set is pushed as a table, because the elements that stand need
 * not be neighbours. [-0, +1, m] */
void l_push_part_list(lua_State *L, const struct od_part_kind *p, const void *owner);
/* Pushes a view of the `count` elements from `base` on. [-0, +1, m] */
void l_push_list(lua_State *L, enum od_entity_kind kind, const void *base, uint32_t count);
/* Returns the order at idx. Raises unless it is a view of one, and alive. [-0, +0, v] */
const struct od_order *l_check_order(lua_State *L, int idx);
/* Pushes the value of one field. [-0, +1, v] */
void l_push_field(lua_State *L, const struct od_field *f, const void *base);
/* Sets what all metatables of views share in the one at the top. [-0, +0, v] */
void l_seal_view(lua_State *L, const char *name);
/* Registers the event's metatable. [-0, +0, v] */
void l_open_event(lua_State *L);
/* Pushes a list of {order_item_id, qty}. [-0, +1, m] */
void l_push_units(lua_State *L, const struct od_units *units, uint32_t count);
/* Pushes a time in microseconds as milliseconds, or nil for 0. [-0, +1, -] */
void l_push_time(lua_State *L, int64_t us);

/* A name that a record has beside its fields. push: [-0, +1, m] */
struct od_view_extra {
    const char *name;
    void (*push)(lua_State *L, const void *base);
};
/* Those of an entity; name NULL at the end. */
const struct od_view_extra *l_view_extras(enum od_entity_kind kind);

#endif
