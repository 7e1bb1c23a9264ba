#include "base/money.h"
#include "order/machine/step.h"
#include "order/model/shop.h"

/* The stock of a batch: who may have units, and what moving them leaves behind. */

static struct od_stock *first_row(const struct od_step *step, struct od_str sku)
{
    return od_map_get(step->env->stock, sku);
}

/* NULL when there is no such row. */
static struct od_stock *stock_at(const struct od_step *step, struct od_str sku,
                                 struct od_str location)
{
    struct od_stock *s = first_row(step, sku);
    while (s && !(s->exists && od_str_eq(s->location, location)))
        s = s->next;
    return s;
}

void od_step_touch(struct od_step *step, struct od_stock *stock)
{
    step->journal = od_arena_grow(step->env->arena, step->journal, step->journal_len,
                                  &step->journal_cap, sizeof *step->journal);
    step->journal[step->journal_len++] = (struct od_stock_undo){stock, *stock};
    if (stock->dirty == OD_CLEAN)
        stock->dirty = stock->exists ? OD_DIRTY_CHANGED : OD_DIRTY_NEW;
}

static int damaged(struct od_step *step, const struct od_item *it)
{
    return od_step_refuse(step, OD_VERDICT_CONFLICT, "stock_damaged",
                          "SKU \"%.*s\" at %.*s: the stock does not cover what is reserved",
                          OD_STR_ARG(it->sku), OD_STR_ARG(it->location));
}

int od_step_move_stock(struct od_step *step, const struct od_item *it, int64_t on_hand,
                       int64_t reserved)
{
    if (!it->stock_tracked || (on_hand == 0 && reserved == 0))
        return 0;
    struct od_stock *stock = stock_at(step, it->sku, it->location);
    struct od_stock after = stock ? *stock : (struct od_stock){0};
    if (!stock || !od_money_add(after.on_hand, on_hand, &after.on_hand) ||
        !od_money_add(after.reserved, reserved, &after.reserved) || after.reserved < 0)
        return damaged(step, it);
    if (after.on_hand < 0)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "stock_unavailable",
                              "SKU \"%.*s\" at %.*s: %lld to be sent, %lld on hand; put the "
                              "inventory right first",
                              OD_STR_ARG(it->sku), OD_STR_ARG(it->location), -(long long)on_hand,
                              (long long)stock->on_hand);

    /* Units that leave the shelf beyond those reserved for them were reserved for others. */
    int64_t taken = on_hand < 0 && reserved > on_hand ? reserved - on_hand : 0;
    int64_t lacking = after.reserved - after.on_hand, oversold;
    if (!od_money_add(after.oversold, taken, &oversold) || (!after.backorder && lacking > oversold))
        return damaged(step, it);
    after.oversold = lacking < oversold ? lacking : oversold;
    if (after.oversold < 0)
        after.oversold = 0;
    od_step_touch(step, stock);
    stock->on_hand = after.on_hand;
    stock->reserved = after.reserved;
    stock->oversold = after.oversold;
    return 0;
}

static int64_t available(const struct od_stock *s)
{
    return s->exists && s->on_hand > s->reserved ? s->on_hand - s->reserved : 0;
}

static bool may_serve(const struct od_stock *s, const struct od_item *it)
{
    return s->exists && (!it->location.ptr || od_str_eq(s->location, it->location));
}

/* Where the units come from: the first place that has enough, else the first that may be sold
 * ahead; or NULL. */
static struct od_stock *pick(struct od_stock *first, const struct od_item *it, int32_t more)
{
    struct od_stock *ahead = NULL;
    for (struct od_stock *s = first; s; s = s->next) {
        if (may_serve(s, it) && available(s) >= more)
            return s;
        if (may_serve(s, it) && s->backorder && !ahead)
            ahead = s;
    }
    return ahead;
}

/* Returns how many units the lines [0, n) want of a SKU. */
static int64_t wanted(const struct od_order *o, struct od_str sku, uint32_t n)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (od_str_eq(o->items[i].sku, sku))
            sum += o->items[i].qty;
    }
    return sum;
}

/* Lines of a new order are served one by one; what they want is said of all of them. */
static int unavailable_at(struct od_step *step, const struct od_order *order,
                          const struct od_item *it, int32_t more, const struct od_stock *only)
{
    int64_t want = more, have = available(only);
    if (step->c->type == OD_COMMAND_PLACE) {
        want = wanted(order, it->sku, order->item_count);
        have += wanted(order, it->sku, (uint32_t)(it - order->items));
    }
    return od_step_refuse(step, OD_VERDICT_CONFLICT, "stock_unavailable",
                          "SKU \"%.*s\": %lld wanted, %lld available", OD_STR_ARG(it->sku),
                          (long long)want, (long long)have);
}

static int unavailable(struct od_step *step, const struct od_order *order, const struct od_item *it,
                       int32_t more, const struct od_stock *first)
{
    struct od_str places = OD_STR("");
    const struct od_stock *only = NULL;
    uint32_t rows = 0;
    for (const struct od_stock *s = first; s; s = s->next) {
        if (!s->exists)
            continue;
        only = s;
        if (may_serve(s, it))
            places = od_arena_printf(step->env->arena, "%.*s%s%lld at %.*s", OD_STR_ARG(places),
                                     places.len ? ", " : "", (long long)available(s),
                                     OD_STR_ARG(s->location));
        rows++;
    }
    if (rows == 1 && may_serve(only, it))
        return unavailable_at(step, order, it, more, only);
    if (!places.len)
        places = od_arena_printf(step->env->arena, "none at %.*s", OD_STR_ARG(it->location));
    return od_step_refuse(step, OD_VERDICT_CONFLICT, "stock_unavailable",
                          "SKU \"%.*s\": %d wanted from one location; available: %.*s",
                          OD_STR_ARG(it->sku), more, OD_STR_ARG(places));
}

static bool any_row(const struct od_stock *s)
{
    while (s && !s->exists)
        s = s->next;
    return s != NULL;
}

static int invalid_at(struct od_step *step, const char *code, const char *pointer,
                      const char *member, const char *what, struct od_str value)
{
    const char *full = od_arena_printf(step->env->arena, "%s/%s", pointer, member).ptr;
    return od_step_invalid(step, code, full, "Unknown %s \"%.*s\"", what, OD_STR_ARG(value));
}

/* A line that reserved nothing when it came has no units to follow. */
static bool is_tracked(const struct od_step *step, const struct od_item *it, int32_t more)
{
    return it->stock_tracked ||
           (step->env->track != OD_STOCK_NONE && !step->c->historical && more == it->qty);
}

int od_step_reserve(struct od_step *step, const struct od_order *order, struct od_item *it,
                    int32_t more, const char *pointer)
{
    if (it->location.ptr && !it->stock_tracked && !step->c->historical &&
        !od_shop_has_location(step->env->shop, it->location))
        return invalid_at(step, "unknown_location", pointer, "location", "location", it->location);
    struct od_stock *first = first_row(step, it->sku);
    bool tracked = is_tracked(step, it, more);
    if (tracked && !any_row(first)) {
        if (step->env->track == OD_STOCK_ALL || it->stock_tracked)
            return invalid_at(step, "unknown_sku", pointer, "sku", "SKU", it->sku);
        tracked = false;
    }
    if (!tracked) {
        it->location = OD_STR_NONE;
        return 0;
    }
    struct od_stock *from = pick(first, it, more);
    if (!from)
        return unavailable(step, order, it, more, first);
    it->stock_tracked = true;
    it->location = from->location;
    return od_step_move_stock(step, it, 0, more);
}
