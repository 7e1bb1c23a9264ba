#include <string.h>

#include "script/task/service.h"

/* What can be had done, and by which names. */

const struct od_service od_services[] = {
    {"place_order", NULL, OD_COMMAND_PLACE, false, OD_LEAD_NONE, NULL, OD_TABLE_NEEDED},
    {"cancel_order", "cancel", OD_COMMAND_CANCEL, true, OD_LEAD_OPTIONAL, "reason",
     OD_TABLE_OPTIONAL},
    {"update_payment_status", "update_payment_status", OD_COMMAND_PATCH, true, OD_LEAD_TEXT,
     "payment_status", OD_TABLE_NONE},
    {"update_shipment_status", "update_shipment_status", OD_COMMAND_PATCH, true, OD_LEAD_TEXT,
     "shipment_status", OD_TABLE_NONE},
    {"create_shipment", "create_shipment", OD_COMMAND_CREATE_SHIPMENT, true, OD_LEAD_NONE, NULL,
     OD_TABLE_OPTIONAL},
    {"update_shipment", "update_shipment", OD_COMMAND_UPDATE_SHIPMENT, true, OD_LEAD_SHIPMENT,
     "shipment_id", OD_TABLE_NEEDED},
    {"track_shipment", "track_shipment", OD_COMMAND_TRACK, true, OD_LEAD_NONE, NULL,
     OD_TABLE_NEEDED},
    {"add_payment", "add_payment", OD_COMMAND_PAYMENT, true, OD_LEAD_NONE, NULL, OD_TABLE_NEEDED},
    {"refund_order", "refund", OD_COMMAND_REFUND, true, OD_LEAD_NONE, NULL, OD_TABLE_OPTIONAL},
    {"create_return", "create_return", OD_COMMAND_CREATE_RETURN, true, OD_LEAD_NONE, NULL,
     OD_TABLE_NEEDED},
    {"update_return", "update_return", OD_COMMAND_UPDATE_RETURN, true, OD_LEAD_RETURN, "return_id",
     OD_TABLE_NEEDED},
    {"issue_invoice", "issue_invoice", OD_COMMAND_ISSUE_INVOICE, true, OD_LEAD_NONE, NULL,
     OD_TABLE_NONE},
    {"credit_invoice", "credit_invoice", OD_COMMAND_CREDIT_INVOICE, true, OD_LEAD_NONE, NULL,
     OD_TABLE_NONE},
    {"propose_change", "propose_change", OD_COMMAND_PROPOSE_CHANGE, true, OD_LEAD_NONE, NULL,
     OD_TABLE_NEEDED},
    {"confirm_change", "confirm_change", OD_COMMAND_CONFIRM_CHANGE, true, OD_LEAD_CHANGE,
     "change_id", OD_TABLE_NONE},
    {"discard_change", "discard_change", OD_COMMAND_DISCARD_CHANGE, true, OD_LEAD_CHANGE,
     "change_id", OD_TABLE_NONE},
    {"add_activity", "add_activity", OD_COMMAND_ADD_ACTIVITY, true, OD_LEAD_TEXT, "comment",
     OD_TABLE_OPTIONAL},
    {"hold_order", "add_hold", OD_COMMAND_HOLD, true, OD_LEAD_NONE, NULL, OD_TABLE_NEEDED},
    {"release_order", "release", OD_COMMAND_RELEASE, true, OD_LEAD_TEXT, "handle", OD_TABLE_NONE},
    {"update_order", "update", OD_COMMAND_PATCH, true, OD_LEAD_NONE, NULL, OD_TABLE_NEEDED},
    {"set_inventory", NULL, OD_COMMAND_SET_INVENTORY, false, OD_LEAD_SKU, "sku", OD_TABLE_NEEDED},
    {"command_order", NULL, OD_COMMAND_COMPOSITE, true, OD_LEAD_COMMAND, "the command's name",
     OD_TABLE_OPTIONAL},
    {NULL, NULL, OD_COMMAND_TYPES, false, OD_LEAD_NONE, NULL, OD_TABLE_NONE},
};

const struct od_service *od_service_named(const char *name)
{
    for (const struct od_service *s = od_services; s->name; s++)
        if (strcmp(s->name, name) == 0)
            return s;
    return NULL;
}

const struct od_service *od_service_method(const char *method)
{
    for (const struct od_service *s = od_services; s->name; s++)
        if (s->method && strcmp(s->method, method) == 0)
            return s;
    return NULL;
}
