#include "order/ledger/event.h"
#include "script/testing/test.h"
#include "script/value/record.h"
#include "script/value/scalar.h"

/* t:events: what happened to an order of the test, as plain tables. */

/* [-0, +1, v] */
static void l_push_event_table(lua_State *L, const struct od_event *e)
{
    static const char *const from[OD_STATUS_KINDS] = {"order_status_from", "payment_status_from",
                                                      "shipment_status_from"};
    static const char *const to[OD_STATUS_KINDS] = {"order_status_to", "payment_status_to",
                                                    "shipment_status_to"};
    static const char *const names[] = {"type",
                                        "seq",
                                        "at",
                                        "actor",
                                        "policy",
                                        "reason",
                                        "policy_reason",
                                        "comment",
                                        "handle",
                                        "order_status_from",
                                        "order_status_to",
                                        "payment_status_from",
                                        "payment_status_to",
                                        "shipment_status_from",
                                        "shipment_status_to",
                                        NULL};
    static const struct l_shape shape = {.noun = "event", .names = names};

    lua_createtable(L, 0, 11);
    l_as_record(L, &shape);
    l_set_text(L, "type", od_event_type_name(e->type));
    lua_pushinteger(L, e->seq);
    lua_setfield(L, -2, "seq");
    lua_pushinteger(L, e->at / 1000);
    lua_setfield(L, -2, "at");
    l_set_text(L, "actor", e->actor);
    l_set_text(L, "policy", e->policy);
    l_set_text(L, "reason", e->reason);
    l_set_text(L, "policy_reason", e->policy_reason);
    l_set_text(L, "comment", e->comment);
    if (e->hold)
        l_set_text(L, "handle", e->hold->handle);
    for (int kind = 0; kind < OD_STATUS_KINDS; kind++) {
        if (!e->status[kind].to.ptr)
            continue;
        l_set_text(L, from[kind], e->status[kind].from);
        l_set_text(L, to[kind], e->status[kind].to);
    }
}

/* t:events(order) */
int l_test_events(lua_State *L)
{
    const struct od_test_order *o;

    l_test_of(L);
    o = l_check_test_order(L, 2);
    lua_createtable(L, (int)o->event_count, 0);
    l_as_list(L);
    for (uint32_t i = 0; i < o->event_count; i++) {
        l_push_event_table(L, &o->events[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}
