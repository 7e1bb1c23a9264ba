#include <lauxlib.h>

#include "order/ledger/event.h"
#include "script/value/scalar.h"
#include "script/view/push.h"
#include "script/view/view.h"

/*
 * An event's own names, then, without naming the part, the fields of the shipment, payment, refund
 * … it is about: event.tracking_number, event.amount, event.handle.
 */

static const char event_key;

struct attribute {
    const char *name;
    void (*push)(lua_State *L, const struct od_event *e, int arg);
    int arg;
};

enum { FROM = 0, TO = 4 };

static void l_type(lua_State *L, const struct od_event *e, int arg)
{
    (void)arg;
    l_push_str(L, od_event_type_name(e->type));
}

static void l_number(lua_State *L, const struct od_event *e, int arg)
{
    lua_pushinteger(L, arg == 0 ? e->seq : e->order_id);
}

static void l_at(lua_State *L, const struct od_event *e, int arg)
{
    l_push_time(L, arg == 0 ? e->at : e->recorded_at);
}

/* The reason that the caller gave, or the one in the part that the event is about. */
static struct od_str reason_of(const struct od_event *e)
{
    return e->reason.ptr ? e->reason
           : e->refund   ? e->refund->reason
           : e->ret      ? e->ret->reason
           : e->change   ? e->change->reason
           : e->hold     ? e->hold->reason
                         : OD_STR_NONE;
}

static void l_text(lua_State *L, const struct od_event *e, int arg)
{
    const struct od_str texts[] = {e->actor, reason_of(e), e->comment, e->policy_reason};

    l_push_str(L, texts[arg]);
}

static void l_notified(lua_State *L, const struct od_event *e, int arg)
{
    (void)arg;
    lua_pushboolean(L, e->customer_notified);
}

static void l_change(lua_State *L, const struct od_event *e, int arg)
{
    const struct od_status_change *change = &e->status[arg & 3];

    l_push_str(L, arg & TO ? change->to : change->from);
}

/* The units it is about: those of its part, or those that were cancelled. */
static void l_items(lua_State *L, const struct od_event *e, int arg)
{
    (void)arg;
    for (size_t i = 0; i < OD_EVENT_PART_KINDS; i++) {
        const void *part = od_event_part(e, od_event_part_kinds[i]);
        if (!part)
            continue;
        OD_EACH_LIST_OF_PART (items, &od_part_kinds[od_event_part_kinds[i]]) {
            l_push_part_list(L, items, part);
            return;
        }
    }
    l_push_units(L, e->units, e->unit_count);
}

/* Pushes the amount of the event's refund or payment, else its amount of grand_total. */
static void l_amount(lua_State *L, const struct od_event *e, int arg)
{
    (void)arg;
    if (e->refund)
        lua_pushinteger(L, e->refund->amount);
    else if (e->payment)
        lua_pushinteger(L, e->payment->amount);
    else if (e->invoice)
        lua_pushinteger(L, e->invoice->amount);
    else if (e->amount != 0)
        lua_pushinteger(L, e->amount);
    else
        lua_pushnil(L);
}

static void l_part(lua_State *L, const struct od_event *e, int arg)
{
    l_push_record(L, (enum od_entity_kind)arg, od_event_part(e, (enum od_entity_kind)arg));
}

static const struct attribute attributes[] = {
    {"type", l_type, 0},
    {"seq", l_number, 0},
    {"order_id", l_number, 1},
    {"at", l_at, 0},
    {"recorded_at", l_at, 1},
    {"actor", l_text, 0},
    {"reason", l_text, 1},
    {"policy_reason", l_text, 3},
    {"comment", l_text, 2},
    {"customer_notified", l_notified, 0},
#define ATTRIBUTE(KIND, type, member, name) {name, l_part, OD_ENTITY_##KIND},
    OD_EVENT_PARTS(ATTRIBUTE)
#undef ATTRIBUTE
        {"items", l_items, 0},
    {"amount", l_amount, 0},
    {"order_status_from", l_change, FROM | 0},
    {"order_status_to", l_change, TO | 0},
    {"payment_status_from", l_change, FROM | 1},
    {"payment_status_to", l_change, TO | 1},
    {"shipment_status_from", l_change, FROM | 2},
    {"shipment_status_to", l_change, TO | 2},
};

static int l_event_index(lua_State *L)
{
    const struct od_event *e = l_view(L, 1)->base;
    struct od_str name;
    bool known = false;

    name.ptr = luaL_checklstring(L, 2, &name.len);
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        if (od_str_is(name, attributes[i].name)) {
            attributes[i].push(L, e, attributes[i].arg);
            return 1;
        }
    }
    for (size_t i = 0; i < OD_EVENT_PART_KINDS; i++) {
        const struct od_field *f = od_entity_field(&od_entities[od_event_part_kinds[i]], name);
        const void *part = od_event_part(e, od_event_part_kinds[i]);

        known = known || f;
        if (f && part) {
            l_push_field(L, f, part);
            return 1;
        }
    }
    return known ? 0 : luaL_error(L, "event has no field '%s'", name.ptr);
}

void l_open_event(lua_State *L)
{
    lua_newtable(L);
    lua_pushcfunction(L, l_event_index);
    lua_setfield(L, -2, "__index");
    l_seal_view(L, "event");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &event_key);
}

void l_push_event(lua_State *L, const struct od_event *e)
{
    l_push_view(L, &event_key, e, 0);
}
