#include <stddef.h>

#include "base/money.h"
#include "order/machine/body.h"
#include "order/machine/step.h"
#include "order/model/limits.h"
#include "order/model/shop.h"

/* SET_INVENTORY: a count or a delivery of one SKU at one location, and whether it may be sold
 * ahead. No order's event; a row of stock_adjustment. */

/* The batch has a struct for each configured location, with a row or without. */
static struct od_stock *find(const struct od_step *step, struct od_str location)
{
    struct od_stock *s = od_map_get(step->env->stock, step->c->sku);
    while (s && !od_str_eq(s->location, location))
        s = s->next;
    return s;
}

static int check_command(struct od_step *step, struct od_str location, const struct od_stock *stock)
{
    const struct od_command *c = step->c;
    if (c->sku.len == 0 || c->sku.len > OD_SKU_MAX)
        return od_step_invalid(step, "bad_sku", "/sku", "Must be 1 to %d bytes", OD_SKU_MAX);
    if (c->text.len > OD_REASON_MAX)
        return od_step_invalid(step, "too_long", "/reason", "Must be at most %d bytes",
                               OD_REASON_MAX);
    /* Stock at a place that was closed can still be counted. */
    if (!stock || !(stock->exists || od_shop_has_location(step->env->shop, location)))
        return od_step_invalid(step, "unknown_location", "/location", "Unknown location \"%.*s\"",
                               OD_STR_ARG(location));
    if (!c->is_delta && c->qty < 0)
        return od_step_invalid(step, "bad_quantity", "/qty", "Must not be negative");
    return 0;
}

/* Returns how many must be on hand, because others have reserved them. */
static int64_t floor_of(const struct od_stock *s, bool backorder)
{
    int64_t promised = s->reserved - s->oversold;
    return backorder || promised < 0 ? 0 : promised;
}

/* As the command leaves it, in *after. */
static int adjust(struct od_step *step, struct od_stock *after)
{
    const struct od_command *c = step->c;
    const char *pointer = c->is_delta ? "/delta" : "/qty";
    bool counted = c->is_delta || c->has_qty || !c->has_backorder;
    if (counted && !c->is_delta)
        after->on_hand = c->qty;
    if (c->is_delta && !od_money_add(after->on_hand, c->qty, &after->on_hand))
        return od_step_invalid(step, "bad_quantity", pointer, "The stock does not fit");
    if (c->has_backorder)
        after->backorder = c->backorder;
    int64_t least = floor_of(after, after->backorder);
    if (after->on_hand < least || after->on_hand < 0)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "below_reserved",
                              "SKU \"%.*s\" at %.*s: %lld on hand would be less than the %lld "
                              "reserved",
                              OD_STR_ARG(c->sku), OD_STR_ARG(after->location),
                              (long long)after->on_hand, (long long)least);
    int64_t lacking = after->reserved - after->on_hand;
    if (after->oversold > lacking)
        after->oversold = lacking > 0 ? lacking : 0;
    return 0;
}

static void note(const struct od_step *step, struct od_stock *stock, int64_t delta)
{
    if (delta == 0)
        return;
    struct od_adjustment *it = OD_NEW(step->env->arena, struct od_adjustment);
    *it = (struct od_adjustment){.before = stock->adjusted,
                                 .delta = delta,
                                 .actor = step->c->actor,
                                 .reason = step->c->text};
    stock->adjusted = it;
}

static int decide(struct od_step *step)
{
    const struct od_command *c = step->c;
    struct od_str location =
        c->location.ptr ? c->location : od_shop_first_location(step->env->shop);
    struct od_stock *stock = find(step, location);
    if (check_command(step, location, stock) != 0)
        return -1;
    struct od_stock after = *stock;
    if (adjust(step, &after) != 0)
        return -1;
    step->d->stock = stock;
    bool same = after.on_hand == stock->on_hand && after.backorder == stock->backorder;
    if (same && stock->exists)
        return 0;
    od_step_touch(step, stock);
    note(step, stock, after.on_hand - stock->on_hand);
    stock->exists = true;
    stock->on_hand = after.on_hand;
    stock->backorder = after.backorder;
    stock->oversold = after.oversold;
    return 0;
}

/* ---- the body */

/* Stock of one SKU: beyond any warehouse, and far from where sums of int64 end. */
#define STOCK_MAX INT64_C(1000000000000)

static void read_stock(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                       int64_t min, int64_t *out)
{
    if (!od_json_i64(v, min, STOCK_MAX, out))
        od_read_problem(r, path, "must be a whole number from %lld to %lld", (long long)min,
                        (long long)STOCK_MAX);
}

static void read_qty(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                     struct od_command *c)
{
    read_stock(r, v, path, 0, &c->qty);
    c->has_qty = true;
}

static void read_delta(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                       struct od_command *c)
{
    read_stock(r, v, path, -STOCK_MAX, &c->qty);
    c->is_delta = c->has_qty = true;
}

static void read_location(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          struct od_command *c)
{
    c->location = od_read_str(r, v, path, OD_LOCATION_MAX);
}

static void read_backorder(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                           struct od_command *c)
{
    c->backorder = od_body_bool(r, v, path);
    c->has_backorder = true;
}

static const struct od_member body_members[] = {
    {"qty", read_qty, false, OD_TAKES_WHOLE, NULL},
    {"delta", read_delta, false, OD_TAKES_WHOLE, NULL},
    {"location", read_location, false, OD_TAKES_TEXT, NULL},
    {"backorder", read_backorder, false, OD_TAKES_BOOL, NULL},
    {"reason", od_body_reason, false, OD_TAKES_TEXT, NULL},
    {0}};
static const struct od_shape body_shape = {NULL, 0, body_members, NULL, NULL};

static void body(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                 struct od_command *out)
{
    bool qty = od_body_has(v, "qty"), delta = od_body_has(v, "delta");
    od_read_shape(r, &body_shape, v, root, NULL, out);
    if (qty ? delta : !delta && !od_body_has(v, "backorder"))
        od_read_problem(r, root, "must hold either qty or delta, or backorder alone");
}

/* Locked, so that what is answered is what there is. */
static void want(const struct od_command *c, struct od_wants *w)
{
    w->sku(w->ctx, c->sku);
    w->lock_stock = true;
}

static const struct od_command_member sku_member = {
    .name = "sku",
    .field = "sku",
    .offset = offsetof(struct od_command, sku),
};

static const struct od_service services[] = {
    {"set_inventory", NULL, OD_COMMAND_SET_INVENTORY, OD_LEAD_MEMBER, NULL, OD_TABLE_NEEDED},
    {0},
};

const struct od_command_kind od_set_inventory = {
    .name = "set_inventory",
    .permission = "inventory.edit",
    .alias = "inventory",
    .route = {"PUT", "/api/inventory/:sku"},
    .member = &sku_member,
    .answer = OD_ANSWER_STOCK,
    .summary = "Count or change the stock of a SKU",
    .subject = OD_SUBJECT_SKU,
    .body = body,
    .shape = &body_shape,
    .decide = decide,
    .want = want,
    .question = OD_QUESTIONS,
    .services = services,
};
