#include "script/call/request.h"

#include <lauxlib.h>

#include "script/value/record.h"
#include "script/value/scalar.h"
#include "script/view/push.h"
#include "script/view/view.h"
#include "script/vm/frozen.h"

/* Makes the tables that a question is asked with beside the order. */

static const char *const seq_names[] = {"value", "year", "series", "document", NULL};
static const struct l_shape seq_shape = {.noun = "seq", .names = seq_names};
static const char *const request_names[] = {
    "actor",  "reason",          "shipment",  "changes",  "difference", "items", "amount",
    "method", "shipping_amount", "return_id", "document", "year",       NULL};
static const struct l_shape request_shape = {.noun = "request", .names = request_names};
static const char *const change_names[] = {"shipping_address", "billing_address", "items", NULL};
static const struct l_shape changes_shape = {
    .noun = "request.changes",
    .names = change_names,
    .entity = &od_entities[OD_ENTITY_ORDER],
};

static void l_set_true(lua_State *L, const char *key)
{
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, key);
}

/* request.changes: the names of what the patch sets; an update sets no items. [-0, +0, m] */
static void l_set_changes(lua_State *L, const struct od_patch *patch, bool with_items)
{
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];

    lua_newtable(L);
    for (uint32_t i = 0; i < e->field_count; i++)
        if (patch->fields & (UINT64_C(1) << i))
            l_set_true(L, e->fields[i].name);
    if (patch->address[OD_SHIPPING])
        l_set_true(L, "shipping_address");
    if (patch->address[OD_BILLING])
        l_set_true(L, "billing_address");
    if (with_items && patch->values->item_count > 0)
        l_set_true(L, "items");
    l_as_record(L, &changes_shape);
    l_freeze(L);
    lua_setfield(L, -2, "changes");
}

void l_push_seq(lua_State *L, const struct od_policy_request *r)
{
    lua_createtable(L, 0, 4);
    l_set_integer(L, "value", r->seq_value);
    l_set_integer(L, "year", r->seq_year);
    l_set_text(L, "series", r->series);
    l_set_text(L, "document", r->document);
    l_as_record(L, &seq_shape);
}

/* The numbers of the refund and of its credit memo are not taken yet. [-0, +0, m] */
static void l_set_refund(lua_State *L, const struct od_refund *refund)
{
    l_set_integer(L, "amount", refund->amount);
    l_set_integer(L, "shipping_amount", refund->shipping_amount);
    l_set_text(L, "reason", refund->reason);
    l_set_text(L, "method", refund->method);
    if (refund->return_id != 0)
        l_set_integer(L, "return_id", refund->return_id);
    l_push_list(L, OD_ENTITY_REFUND_ITEM, refund->items, refund->item_count);
    lua_setfield(L, -2, "items");
}

static void l_set_return(lua_State *L, const struct od_return *ret)
{
    l_set_text(L, "reason", ret->reason);
    l_push_list(L, OD_ENTITY_RETURN_ITEM, ret->items, ret->item_count);
    lua_setfield(L, -2, "items");
}

/* Puts the members that the question is about into the table at the top. [-0, +0, m] */
static void l_set_own(lua_State *L, enum od_question_about about, const struct od_policy_request *r)
{
    switch (about) {
    case OD_ABOUT_ORDER:
        return;
    case OD_ABOUT_UNITS:
        if (r->unit_count == 0)
            return;
        l_push_units(L, r->units, r->unit_count);
        lua_setfield(L, -2, "items");
        return;
    case OD_ABOUT_SHIPMENT:
        if (!r->shipment)
            return;
        l_push_shipment(L, r->shipment);
        lua_setfield(L, -2, "shipment");
        return;
    case OD_ABOUT_PATCH:
        if (r->patch)
            l_set_changes(L, r->patch, false);
        return;
    case OD_ABOUT_CHANGE:
        if (r->patch)
            l_set_changes(L, r->patch, true);
        l_set_integer(L, "difference", r->difference);
        return;
    case OD_ABOUT_REFUND:
        if (r->refund)
            l_set_refund(L, r->refund);
        return;
    case OD_ABOUT_RETURN:
        if (r->ret)
            l_set_return(L, r->ret);
        return;
    case OD_ABOUT_DOCUMENT:
        l_set_text(L, "document", r->document);
        l_set_integer(L, "year", r->seq_year);
        return;
    }
}

void l_push_request(lua_State *L, enum od_question q, const struct od_policy_request *r)
{
    lua_createtable(L, 0, 4);
    l_set_text(L, "actor", r->actor);
    l_set_text(L, "reason", r->reason);
    l_set_own(L, od_question_kinds[q]->about, r);
    l_as_record(L, &request_shape);
}
