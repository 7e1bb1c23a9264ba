#ifndef OD_SCRIPT_TASK_SERVICE_H
#define OD_SCRIPT_TASK_SERVICE_H

#include <lua.h>
#include <stdbool.h>

#include "order/model/command.h"

/*
 * A service is a command that scripts can give. One table lists them, for oms.cancel_order(ref, …)
 * in routes and jobs, tx:cancel_order(ref, …) in a transaction and order:cancel(…) in composite
 * commands and tests.
 */

struct od_service {
    const char *name;   /* in oms and in tx: "cancel_order" */
    const char *method; /* as a method of an order: "cancel"; NULL: none */
    enum od_command_type type;
    bool on_order; /* its first argument is an order's reference, except in the method */
    enum od_service_lead {
        OD_LEAD_NONE = 0,
        OD_LEAD_OPTIONAL, /* a text that becomes the body's member `lead`, or nil, or the body's
                             table in its place */
        OD_LEAD_TEXT,
        OD_LEAD_SHIPMENT, /* shipment_id */
        OD_LEAD_RETURN,   /* return_id */
        OD_LEAD_CHANGE,   /* change_id, or nil for the one that is proposed */
        OD_LEAD_SKU,
        OD_LEAD_COMMAND, /* the name of a composite command */
    } lead_kind;
    const char *lead; /* the name of that argument */
    enum od_service_table {
        OD_TABLE_NONE = 0,
        OD_TABLE_OPTIONAL,
        OD_TABLE_NEEDED,
    } table; /* whether the body follows */
};

extern const struct od_service od_services[]; /* name NULL at the end */

/* Return the service of that name in oms, or of that method of an order; NULL when there is none.
 */
const struct od_service *od_service_named(const char *name);
const struct od_service *od_service_method(const char *method);

/*
 * Reads the command that the arguments from index `first` on ask for. It is in the arena, with its
 * strings. Raises what the body's parser finds, with `what` before it: "oms.create_shipment:
 * /items/0/qty: must be …". `currency` is that of amounts given as integers; when it is absent, the
 * one that PLACE names, or the default. *body, unless `body` is NULL, is as in od_task_part.
 * [-0, +0, v]
 */
struct od_command *l_service_command(lua_State *L, const struct od_service *s, const char *what,
                                     int first, struct od_str currency, struct od_arena *a,
                                     struct od_str *body);

/* Reads an order's reference: its id, uuid or number, or a table or order with order_id.
 * [-0, +0, v] */
struct od_order_ref l_check_ref(lua_State *L, int idx, const char *what, struct od_arena *a);

#endif
