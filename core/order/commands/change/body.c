#include "base/money.h"
#include "order/commands/change/change.h"
#include "order/machine/body.h"
#include "order/model/limits.h"

/* The body of PROPOSE_CHANGE. */

/* As long as an amount is written. */
#define LITERAL_MAX 40

/* Amounts are in the order's currency, which decide knows: here they are read with as many digits
 * as any currency has, so that what is no amount at all is found, and kept as they were written. */
static void read_literal(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                         struct od_str *out)
{
    struct od_err err;
    int64_t value;
    if ((v->type != OD_JSON_NUMBER && v->type != OD_JSON_STRING) || v->text.len > LITERAL_MAX)
        od_read_problem(r, path, "must be a decimal number");
    else if (od_decimal_parse(v->text, OD_DECIMAL_DIGITS, &value, &err) != 0)
        od_read_problem(r, path, "%s", err.message);
    else if (value < 0)
        od_read_problem(r, path, "must not be negative");
    else
        *out = v->text;
}

static void read_number(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                        int32_t min, int32_t *out)
{
    int64_t value = 0;
    if (!od_json_i64(v, min, OD_QTY_MAX, &value))
        od_read_problem(r, path, "must be a whole number from %d to %d", min, OD_QTY_MAX);
    *out = (int32_t)value;
}

static void line_item(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                      struct od_command *c)
{
    read_number(r, v, path, 1, &c->change->lines->order_item_id);
}

static void line_qty(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                     struct od_command *c)
{
    read_number(r, v, path, 0, &c->change->lines->qty);
}

static void line_tax(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                     struct od_command *c)
{
    read_literal(r, v, path, &c->change->lines->tax_amount);
}

static void line_discount(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          struct od_command *c)
{
    read_literal(r, v, path, &c->change->lines->discount_amount);
}

static const struct od_member line_members[] = {
    {"orderItemId", line_item, false, OD_TAKES_WHOLE, NULL},
    {"qty", line_qty, false, OD_TAKES_WHOLE, NULL},
    {"taxAmount", line_tax, false, OD_TAKES_AMOUNT, NULL},
    {"discountAmount", line_discount, false, OD_TAKES_AMOUNT, NULL},
    {0}};
static const char *const line_needs[] = {"orderItemId", "qty", NULL};
static const struct od_shape line_shape = {NULL, 0, line_members, "ChangeLine", line_needs};

/* The readers of members get the line as the only one of a request that is lent to them. */
static void read_line(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                      struct od_change_line *line)
{
    struct od_change_request lent = {.lines = line, .line_count = 1};
    struct od_command c = {.change = &lent};
    od_read_shape(r, &line_shape, v, path, NULL, &c);
}

static void change_items(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                         struct od_command *c)
{
    struct od_change_request *change = c->change;
    if (v->type != OD_JSON_ARRAY || v->count > OD_ITEMS_MAX) {
        od_read_problem(r, path, "must be an array of at most %d items", OD_ITEMS_MAX);
        return;
    }
    change->lines = OD_NEW_ARRAY(r->arena, struct od_change_line, v->count);
    change->line_count = v->count;
    struct od_path at = {.up = path};
    for (const struct od_json *line = v->child; line; line = line->next, at.index++)
        read_line(r, line, &at, &change->lines[at.index]);
}

/* Read here to find what is wrong in it, and again by decide, in the order's currency. */
static void change_add(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                       struct od_command *c)
{
    struct od_item *items;
    uint32_t count;
    r->digits = OD_DECIMAL_DIGITS;
    od_body_items(r, v, path, &items, &count);
    c->change->add = v;
}

static void change_shipping_address(struct od_reader *r, const struct od_json *v,
                                    const struct od_path *path, struct od_command *c)
{
    c->change->has_address[OD_SHIPPING] = true;
    if (v->type != OD_JSON_NULL)
        od_body_address(r, v, path, &c->change->addresses[OD_SHIPPING]);
}

static void change_billing_address(struct od_reader *r, const struct od_json *v,
                                   const struct od_path *path, struct od_command *c)
{
    c->change->has_address[OD_BILLING] = true;
    if (v->type != OD_JSON_NULL)
        od_body_address(r, v, path, &c->change->addresses[OD_BILLING]);
}

static void change_fee_excl(struct od_reader *r, const struct od_json *v,
                            const struct od_path *path, struct od_command *c)
{
    read_literal(r, v, path, &c->change->shipping_fee_excl_tax);
}

static void change_fee_incl(struct od_reader *r, const struct od_json *v,
                            const struct od_path *path, struct od_command *c)
{
    read_literal(r, v, path, &c->change->shipping_fee_incl_tax);
}

static void change_discount(struct od_reader *r, const struct od_json *v,
                            const struct od_path *path, struct od_command *c)
{
    read_literal(r, v, path, &c->change->discount_amount);
}

static void change_tax(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                       struct od_command *c)
{
    read_literal(r, v, path, &c->change->tax_amount);
}

static void change_reason(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          struct od_command *c)
{
    c->change->reason = od_read_str(r, v, path, OD_REASON_MAX);
}

static const struct od_member od_shape_change_members[] = {
    {"items", change_items, false, OD_TAKES_OBJECTS, &line_shape},
    {"add", change_add, false, OD_TAKES_OBJECTS, &od_shape_item},
    {"shippingAddress", change_shipping_address, true, OD_TAKES_OBJECT, &od_shape_address},
    {"billingAddress", change_billing_address, true, OD_TAKES_OBJECT, &od_shape_address},
    {"shippingFeeExclTax", change_fee_excl, false, OD_TAKES_AMOUNT, NULL},
    {"shippingFeeInclTax", change_fee_incl, false, OD_TAKES_AMOUNT, NULL},
    {"discountAmount", change_discount, false, OD_TAKES_AMOUNT, NULL},
    {"taxAmount", change_tax, false, OD_TAKES_AMOUNT, NULL},
    {"reason", change_reason, false, OD_TAKES_TEXT, NULL},
    {0}};
const struct od_shape od_shape_change = {NULL, 0, od_shape_change_members, NULL, NULL};

void od_change_body(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                    struct od_command *out)
{
    out->change = OD_NEW(r->arena, struct od_change_request);
    od_read_shape(r, &od_shape_change, v, root, NULL, out);
}
