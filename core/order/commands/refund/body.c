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

static const struct od_member item_members[] = {
    {"restock", read_restock, false, OD_TAKES_JSON, NULL},
    {"keep", read_item_keep, false, OD_TAKES_BOOL, NULL},
    {0}};
static const char *const item_needs[] = {"orderItemId", "qty", NULL};
static const struct od_shape item_shape = {&od_entities[OD_ENTITY_REFUND_ITEM], OD_FIELD_INPUT,
                                           item_members, "RefundItem", item_needs};

static void read_item(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                      struct od_refund_item *item)
{
    struct od_command one = {.refund = {.items = item}};
    size_t before = r->found;
    od_read_shape(r, &item_shape, v, path, item, &one);
    if (r->found != before)
        return;
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

static const struct od_member od_shape_refund_members[] = {
    {"amount", read_refund_amount, false, OD_TAKES_AMOUNT, NULL},
    {"items", read_items, false, OD_TAKES_OBJECTS, &item_shape},
    {"shipping", read_shipping, false, OD_TAKES_JSON, NULL},
    {"keep", read_keep, false, OD_TAKES_BOOL, NULL},
    {0}};
const struct od_shape od_shape_refund = {&od_entities[OD_ENTITY_REFUND], OD_FIELD_INPUT,
                                         od_shape_refund_members, NULL, NULL};

void od_refund_body(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                    struct od_command *out)
{
    od_read_shape(r, &od_shape_refund, v, root, &out->refund, out);
}
