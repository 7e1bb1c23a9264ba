#include "order/commands/refund/refund.h"
#include "order/machine/body.h"
#include "order/model/limits.h"

/* The body of REFUND. The currency is the order's, which decide knows: amounts are kept as they
 * were written. */

/* restock: true is read as this until the item's qty is known. */
enum { RESTOCK_ALL = -1 };

static void read_refund_amount(struct od_reader *r, const struct od_json *v,
                               const struct od_path *path, struct od_command *c)
{
    c->refund_amount = od_body_literal(r, v, path);
}

static void read_shipping(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          struct od_command *c)
{
    if (v->type == OD_JSON_BOOL)
        c->refund_shipping = v->boolean;
    else if (v->type == OD_JSON_NUMBER || v->type == OD_JSON_STRING)
        c->shipping_literal = od_body_literal(r, v, path);
    else
        od_read_problem(r, path, "must be true, false or a decimal number");
}

/* c is lent by read_item: its refund has the one item. */
static void read_restock(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                         struct od_command *c)
{
    int64_t n = 0;
    if (v->type == OD_JSON_BOOL)
        n = v->boolean ? RESTOCK_ALL : 0;
    else if (!od_json_i64(v, 0, OD_QTY_MAX, &n))
        od_read_problem(r, path, "must be true, false or a whole number from 0 to %d", OD_QTY_MAX);
    c->refund.items->qty_restocked = (int32_t)n;
}

static enum od_keep keep_of(struct od_reader *r, const struct od_json *v,
                            const struct od_path *path)
{
    return od_body_bool(r, v, path) ? OD_KEEP_YES : OD_KEEP_NO;
}

/* c is lent by read_item. */
static void read_item_keep(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                           struct od_command *c)
{
    c->refund.items->keep = keep_of(r, v, path);
}

static void read_item(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                      struct od_refund_item *item)
{
    static const struct od_member members[] = {
        {"restock", read_restock, false}, {"keep", read_item_keep, false}, {0}};
    static const struct od_shape shape = {&od_entities[OD_ENTITY_REFUND_ITEM], OD_FIELD_INPUT,
                                          members};
    struct od_command one = {.refund = {.items = item}};
    size_t before = r->found;
    od_read_shape(r, &shape, v, path, item, &one);
    if (r->found != before)
        return;
    if (item->order_item_id == 0)
        od_read_problem(r, &(struct od_path){path, OD_STR("orderItemId"), 0}, "is required");
    if (item->qty == 0)
        od_read_problem(r, &(struct od_path){path, OD_STR("qty"), 0}, "is required");
    if (item->qty_restocked == RESTOCK_ALL)
        item->qty_restocked = item->qty;
    if (item->qty_restocked > item->qty)
        od_read_problem(r, &(struct od_path){path, OD_STR("restock"), 0},
                        "must not be more than qty");
}

static void read_items(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                       struct od_command *c)
{
    if (v->type != OD_JSON_ARRAY || v->count == 0 || v->count > OD_ITEMS_MAX) {
        od_read_problem(r, path, "must be an array of 1 to %d items", OD_ITEMS_MAX);
        return;
    }
    c->refund.items = OD_NEW_ARRAY(r->arena, struct od_refund_item, v->count);
    c->refund.item_count = v->count;
    struct od_path at = {.up = path};
    for (const struct od_json *item = v->child; item; item = item->next, at.index++)
        read_item(r, item, &at, &c->refund.items[at.index]);
}

static void read_keep(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                      struct od_command *c)
{
    c->refund_keep = keep_of(r, v, path);
}

void od_refund_body(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                    struct od_command *out)
{
    static const struct od_member members[] = {{"amount", read_refund_amount, false},
                                               {"items", read_items, false},
                                               {"shipping", read_shipping, false},
                                               {"keep", read_keep, false},
                                               {0}};
    static const struct od_shape shape = {&od_entities[OD_ENTITY_REFUND], OD_FIELD_INPUT, members};
    od_read_shape(r, &shape, v, root, &out->refund, out);
}
