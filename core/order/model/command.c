#include "order/model/command.h"

#include <stdarg.h>
#include <stdio.h>

#include "order/model/limits.h"

const char *od_command_name(enum od_command_type type)
{
    switch (type) {
    case OD_COMMAND_PLACE:
        return "place";
    case OD_COMMAND_PATCH:
        return "patch";
    case OD_COMMAND_CANCEL:
        return "cancel";
    case OD_COMMAND_PAYMENT:
        return "payment";
    case OD_COMMAND_CREATE_SHIPMENT:
        return "create_shipment";
    case OD_COMMAND_UPDATE_SHIPMENT:
        return "update_shipment";
    case OD_COMMAND_HOLD:
        return "hold";
    case OD_COMMAND_RELEASE:
        return "release";
    case OD_COMMAND_ADD_ACTIVITY:
        return "add_activity";
    case OD_COMMAND_SET_INVENTORY:
        return "set_inventory";
    case OD_COMMAND_COMPOSITE:
        return "composite";
    case OD_COMMAND_MIGRATE_STATUS:
        return "migrate_status";
    case OD_COMMAND_TRACK:
        return "track";
    case OD_COMMAND_REFUND:
        return "refund";
    case OD_COMMAND_CREATE_RETURN:
        return "create_return";
    case OD_COMMAND_UPDATE_RETURN:
        return "update_return";
    case OD_COMMAND_EXCHANGE:
        return "exchange";
    case OD_COMMAND_ISSUE_INVOICE:
        return "issue_invoice";
    case OD_COMMAND_CREDIT_INVOICE:
        return "credit_invoice";
    case OD_COMMAND_PROPOSE_CHANGE:
        return "propose_change";
    case OD_COMMAND_CONFIRM_CHANGE:
        return "confirm_change";
    case OD_COMMAND_DISCARD_CHANGE:
        return "discard_change";
    case OD_COMMAND_TYPES:
        break;
    }
    return "unknown";
}

bool od_order_ref_parse(struct od_str s, struct od_order_ref *out)
{
    *out = (struct od_order_ref){0};
    if (s.len == 0 || s.len > OD_ORDER_NUMBER_MAX)
        return false;
    if (od_uuid_parse(s, &out->uuid) && !od_uuid_is_zero(&out->uuid))
        return true;
    out->uuid = (struct od_uuid){{0}};
    if (od_str_starts_with(s, OD_STR("id:")) &&
        od_str_to_i64(od_str_slice(s, 3, s.len), 1, INT64_MAX, &out->order_id))
        return true;
    out->order_number = s;
    if (!od_str_to_i64(s, 1, INT64_MAX, &out->digits))
        out->digits = 0;
    return true;
}

void od_problem_add(struct od_problem_list *l, const char *pointer, const char *fmt, ...)
{
    char detail[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(detail, sizeof detail, fmt, args);
    va_end(args);

    l->items = od_arena_grow(l->arena, l->items, l->count, &l->cap, sizeof *l->items);
    l->items[l->count++] = (struct od_problem_item){
        .pointer = od_arena_str(l->arena, od_str_of(pointer)),
        .detail = od_arena_str(l->arena, od_str_of(detail)),
    };
}
