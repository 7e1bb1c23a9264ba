#ifndef OD_SCRIPT_VIEW_PUSH_H
#define OD_SCRIPT_VIEW_PUSH_H

#include "script/view/view.h"

#include <stdint.h>

#include "order/fields.h"

/* What view.c (the order and its parts), extras.c and event.c share. */

struct view {
    uint64_t scope;   /* of the call it was made for */
    const void *base; /* the struct; of a list its first element */
    uint32_t count;   /* of a list */
};

/* The view at idx; raises when its call is over. [-0, +0, v] */
const struct view *l_view(lua_State *L, int idx);
/* A view whose metatable is registered under `key`. [-0, +1, m] */
void l_push_view(lua_State *L, const void *key, const void *base, uint32_t count);
/* nil when there is nothing to show. [-0, +1, m] */
void l_push_record(lua_State *L, enum od_entity_kind kind, const void *base);
/* The elements from `base` on. [-0, +1, m] */
void l_push_list(lua_State *L, enum od_entity_kind kind, const void *base, uint32_t count);
/* The order at idx, which must be one and alive. [-0, +0, v] */
const struct od_order *l_check_order(lua_State *L, int idx);
/* The value of one field. [-0, +1, v] */
void l_push_field(lua_State *L, const struct od_field *f, const void *base);
/* Sets what all metatables of views share, for the one at the top. [-0, +0, v] */
void l_seal_view(lua_State *L, const char *name);
/* Registers the event's metatable. [-0, +0, v] */
void l_open_event(lua_State *L);
/* A list of {order_item_id, qty}. [-0, +1, m] */
void l_push_units(lua_State *L, const struct od_units *units, uint32_t count);
/* A time in microseconds as milliseconds; nil for 0. [-0, +1, -] */
void l_push_time(lua_State *L, int64_t us);

/* Names a record has beside its fields, per entity; name NULL at the end. push: [-0, +1, m] */
struct od_view_extra {
    const char *name;
    void (*push)(lua_State *L, const void *base);
};
extern const struct od_view_extra *const od_view_extras[OD_ENTITY_COUNT];

#endif
