#include <stdio.h>

#include "base/money.h"
#include "order/commands/change/change.h"
#include "order/machine/body.h"
#include "order/machine/step.h"
#include "order/model/limits.h"
#include "order/model/shop.h"

/* Reads what a proposal asks for in the order's currency, and checks it against the order's
 * lines. */

int od_change_refuse(struct od_step *step, const struct od_problem_list *problems)
{
    const struct od_problem_item *p = &problems->items[0];
    return od_step_invalid(step, "invalid_change", od_arena_str(step->env->arena, p->pointer).ptr,
                           "%.*s", OD_STR_ARG(p->detail));
}

/* A literal of the body in the order's currency; absent: unset. */
static int read_amount(struct od_step *step, struct od_str literal, const char *pointer,
                       int64_t *out)
{
    struct od_err err;
    *out = OD_AMOUNT_UNSET;
    if (!literal.ptr)
        return 0;
    if (od_decimal_parse(literal, od_currency_digits(step->order->currency), out, &err) != 0)
        return od_step_invalid(step, "bad_amount", pointer, "%s", err.message);
    if (*out < 0)
        return od_step_invalid(step, "bad_amount", pointer, "must not be negative");
    return 0;
}

/* LOAD has looked for it, and there is none. */
static bool is_unknown(const struct od_step *step, struct od_str sku)
{
    const struct od_stock *s = od_map_get(step->env->stock, sku);
    bool looked_for = s != NULL;
    while (s && !s->exists)
        s = s->next;
    return looked_for && !s && step->env->track == OD_STOCK_ALL;
}

/* Finds out what the confirmation would find out too late. */
static int check_stock(struct od_step *step, const struct od_change_terms *t)
{
    char pointer[40];
    for (uint32_t i = 0; i < t->add_count && !step->c->historical; i++) {
        const struct od_item *it = &t->add[i];
        snprintf(pointer, sizeof pointer, "/add/%u/sku", i);
        if (is_unknown(step, it->sku))
            return od_step_invalid(step, "unknown_sku", pointer, "Unknown SKU \"%.*s\"",
                                   OD_STR_ARG(it->sku));
        snprintf(pointer, sizeof pointer, "/add/%u/location", i);
        if (it->location.ptr && !od_shop_has_location(step->env->shop, it->location))
            return od_step_invalid(step, "unknown_location", pointer, "Unknown location \"%.*s\"",
                                   OD_STR_ARG(it->location));
    }
    return 0;
}

static int read_add(struct od_step *step, const struct od_json *add, struct od_change_terms *t)
{
    const struct od_path root = {0}, path = {&root, OD_STR("add"), 0};
    struct od_problem_list problems = {.arena = step->env->arena};
    struct od_reader r = {.arena = step->env->arena,
                          .problems = &problems,
                          .digits = od_currency_digits(step->order->currency)};
    if (!add)
        return 0;
    od_body_items(&r, add, &path, &t->add, &t->add_count);
    return problems.count ? od_change_refuse(step, &problems) : check_stock(step, t);
}

static int read_lines(struct od_step *step, const struct od_change_request *asked,
                      struct od_change_terms *t)
{
    char pointer[48];
    t->lines = OD_NEW_ARRAY(step->env->arena, struct od_change_line_terms, asked->line_count);
    for (; t->line_count < asked->line_count; t->line_count++) {
        const struct od_change_line *from = &asked->lines[t->line_count];
        struct od_change_line_terms *to = &t->lines[t->line_count];
        to->order_item_id = from->order_item_id;
        to->qty = from->qty;
        snprintf(pointer, sizeof pointer, "/items/%u/taxAmount", t->line_count);
        if (read_amount(step, from->tax_amount, pointer, &to->tax_amount) != 0)
            return -1;
        snprintf(pointer, sizeof pointer, "/items/%u/discountAmount", t->line_count);
        if (read_amount(step, from->discount_amount, pointer, &to->discount_amount) != 0)
            return -1;
    }
    return 0;
}

int od_change_read(struct od_step *step, const struct od_change_request *asked,
                   struct od_change_terms *t)
{
    static const struct od_str kinds[2] = {OD_STR_INIT("shipping"), OD_STR_INIT("billing")};
    *t = (struct od_change_terms){0};
    for (int i = 0; i < 2; i++) {
        t->has_address[i] = asked->has_address[i];
        t->addresses[i] = asked->addresses[i];
        t->addresses[i].kind = kinds[i];
    }
    if (read_lines(step, asked, t) != 0 || read_add(step, asked->add, t) != 0 ||
        read_amount(step, asked->shipping_fee_excl_tax, "/shippingFeeExclTax",
                    &t->shipping_fee_excl_tax) != 0 ||
        read_amount(step, asked->shipping_fee_incl_tax, "/shippingFeeInclTax",
                    &t->shipping_fee_incl_tax) != 0 ||
        read_amount(step, asked->discount_amount, "/discountAmount", &t->discount_amount) != 0)
        return -1;
    return read_amount(step, asked->tax_amount, "/taxAmount", &t->tax_amount);
}

static bool named_before(const struct od_change_terms *t, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++) {
        if (t->lines[k].order_item_id == t->lines[i].order_item_id)
            return true;
    }
    return false;
}

static int check_qty(struct od_step *step, const struct od_change_line_terms *l,
                     const struct od_item *it, const char *pointer)
{
    if (l->qty < it->qty_canceled)
        return od_step_invalid(step, "units_canceled", pointer,
                               "%d units of item %d are cancelled, and stay in its quantity",
                               it->qty_canceled, it->order_item_id);
    if (l->qty < it->qty_refunded)
        return od_step_invalid(step, "units_refunded", pointer, "%d units of item %d are refunded",
                               it->qty_refunded, it->order_item_id);
    if (l->qty > 0 && it->qty == 0)
        return od_step_invalid(step, "line_removed", pointer,
                               "Item %d was removed; add it as a new line", it->order_item_id);
    if (l->qty > OD_QTY_MAX)
        return od_step_invalid(step, "bad_quantity", pointer, "Must be from 0 to %d", OD_QTY_MAX);
    if (l->qty == 0 && (l->tax_amount > 0 || l->discount_amount > 0))
        return od_step_invalid(step, "line_removed", pointer,
                               "A line that is removed has neither tax nor discount");
    return 0;
}

int od_change_check(struct od_step *step, const struct od_change_terms *t)
{
    char pointer[48];
    const struct od_order *o = step->order;
    for (uint32_t i = 0; i < t->line_count; i++) {
        const struct od_change_line_terms *l = &t->lines[i];
        const struct od_item *it = od_order_item(o, l->order_item_id);
        snprintf(pointer, sizeof pointer, "/items/%u/orderItemId", i);
        if (!it)
            return od_step_invalid(step, "unknown_item", pointer, "The order has no item %d",
                                   l->order_item_id);
        if (named_before(t, i))
            return od_step_invalid(step, "item_repeated", pointer, "Item %d is named twice",
                                   l->order_item_id);
        snprintf(pointer, sizeof pointer, "/items/%u/qty", i);
        if (check_qty(step, l, it, pointer) != 0)
            return -1;
    }
    /* Only the header says what the order is worth, and new lines would overwrite it. */
    if (o->item_count == 0 && t->add_count > 0)
        return od_step_invalid(step, "no_lines", "/add",
                               "The order has no lines, and none can be added");
    if (o->item_count + t->add_count > OD_ITEMS_MAX)
        return od_step_invalid(step, "too_many_items", "/add",
                               "An order holds at most %d items, removed ones too", OD_ITEMS_MAX);
    return 0;
}
