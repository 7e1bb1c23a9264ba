#ifndef OD_SCRIPT_TASK_SERVICE_H
#define OD_SCRIPT_TASK_SERVICE_H

#include <lua.h>
#include <stdbool.h>

#include "order/command.h"

/*
 * What scripts can have done, listed once: oms.cancel_order(ref, …) in routes and jobs,
 * tx:cancel_order(ref, …) in a transaction, order:cancel(…) in composite commands and tests.
 */

struct od_service {
    const char *name;   /* in oms and of tx: "cancel_order" */
    const char *method; /* of an order: "cancel"; NULL: none */
    enum od_command_type type;
    bool on_order; /* its first argument (not of the method) is an order's reference */
    enum od_service_lead {
        OD_LEAD_NONE = 0,
        OD_LEAD_OPTIONAL, /* a text that becomes the body's member `lead`, or nil; the body's table
                             may stand in its place */
        OD_LEAD_TEXT,
        OD_LEAD_SHIPMENT, /* shipment_id */
        OD_LEAD_RETURN,   /* return_id */
        OD_LEAD_CHANGE,   /* change_id, or nil: the one that is proposed */
        OD_LEAD_SKU,
        OD_LEAD_COMMAND, /* name of a composite command */
    } lead_kind;
    const char *lead; /* what it is called */
    enum od_service_table {
        OD_TABLE_NONE = 0,
        OD_TABLE_OPTIONAL,
        OD_TABLE_NEEDED,
    } table; /* then comes the body */
};

extern const struct od_service od_services[]; /* name NULL at the end */

/* By its name in oms, or as a method of an order; NULL when there is none. */
const struct od_service *od_service_named(const char *name);
const struct od_service *od_service_method(const char *method);

/*
 * The command that the arguments from index `first` on ask for, in the arena (strings too). Raises
 * "oms.create_shipment: /items/0/qty: must be …" for what the body's parser finds, `what` before
 * it. currency: of amounts that are integers; absent: PLACE's own, or the default. *body (may be
 * NULL): as od_task_part's. [-0, +0, v]
 */
struct od_command *l_service_command(lua_State *L, const struct od_service *s, const char *what,
                                     int first, struct od_str currency, struct od_arena *a,
                                     struct od_str *body);

/* An order's reference: its id, uuid or number, or a table or order with order_id. [-0, +0, v] */
struct od_order_ref l_check_ref(lua_State *L, int idx, const char *what, struct od_arena *a);

#endif
