#include "order/decide_unit.h"

#include <assert.h>

#include "base/money.h"
#include "order/limits.h"

/* SET_INVENTORY: a count or a delivery of one SKU. No order's event; a row of stock_adjustment. */

int od_decide_inventory(struct od_unit *u)
{
    const struct od_command *c = u->c;
    const char *pointer = c->is_delta ? "/delta" : "/qty";
    if (c->sku.len == 0 || c->sku.len > OD_SKU_MAX)
        return od_unit_invalid(u, "bad_sku", "/sku", "Must be 1 to %d bytes", OD_SKU_MAX);
    struct od_stock *stock = od_unit_stock(u, c->sku);
    assert(stock); /* the batch loads every SKU that its commands name */

    int64_t on_hand = c->qty, difference, adjusted;
    if (!c->is_delta && c->qty < 0)
        return od_unit_invalid(u, "bad_quantity", pointer, "Must not be negative");
    if (c->is_delta && !od_money_add(stock->on_hand, c->qty, &on_hand))
        return od_unit_invalid(u, "bad_quantity", pointer, "The stock does not fit");
    if (on_hand < stock->reserved)
        return od_unit_refuse(u, OD_VERDICT_CONFLICT, "below_reserved",
                              "SKU \"%.*s\": %lld on hand would be less than the %lld reserved",
                              OD_STR_ARG(c->sku), (long long)on_hand, (long long)stock->reserved);
    if (!od_money_sub(on_hand, stock->on_hand, &difference) ||
        !od_money_add(stock->adjusted, difference, &adjusted))
        return od_unit_invalid(u, "bad_quantity", pointer, "The stock does not fit");

    u->d->stock = stock;
    if (difference == 0 && stock->exists)
        return 0;
    od_unit_touch(u, stock);
    stock->exists = true;
    stock->on_hand = on_hand;
    stock->adjusted = adjusted;
    stock->adjusted_by = c->actor;
    return 0;
}
