#include "cli/import/olist.h"
#include "base/json/json.h"
#include "base/money.h"
#include "order/amounts/totals.h"

/* Makes the draft of a PLACE: the goods, the customer and the amounts. */

#define CURRENCY OD_STR("BRL")

enum { TEXT_MAX = 4096 };

struct drafting {
    const struct od_olist *olist;
    const struct od_olist_order *order;
    struct od_import_unit *unit;
};

bool od_olist_unreadable(struct od_import_unit *u, const char *what, struct od_str value)
{
    od_import_note(u, "unreadable", "%s: \"%.*s\"", what, OD_STR_ARG(value));
    return false;
}

bool od_olist_amount(struct od_import_unit *u, struct od_str text, int64_t *out, int64_t *sum)
{
    struct od_err err;
    if (od_decimal_parse(text, od_currency_digits(CURRENCY), out, &err) != 0 || *out < 0 ||
        !od_money_add(*sum, *out, sum))
        return od_olist_unreadable(u, "not an amount", text);
    return true;
}

struct od_str od_olist_text(struct od_str s)
{
    return s.len > 0 ? s : OD_STR_NONE;
}

static void write_member(struct od_json_writer *w, const char *name, struct od_str value)
{
    if (value.len == 0)
        return;
    od_jw_key(w, name);
    od_jw_str(w, value);
}

/* Takes the JSON text out of its buffer, which is freed. */
static struct od_str keep(struct drafting *d, struct od_buf *text)
{
    struct od_str kept = OD_STR_NONE;
    if (text->overflow)
        od_import_note(d->unit, "too_long", "more than %d bytes beside the order are left out",
                       TEXT_MAX);
    else
        kept = od_arena_str(&d->unit->arena, od_buf_view(text));
    od_buf_fini(text);
    return kept;
}

/* Where the unit comes from and what its carriage cost: the order knows fees only as a sum. */
static struct od_str item_options(struct drafting *d, const struct od_str *row)
{
    struct od_json_writer w;
    struct od_buf text;
    const struct od_str *seller = od_map_get(&d->olist->sellers, row[OD_LINE_SELLER]);
    if (!seller)
        od_import_note(d->unit, "unknown_seller", "%.*s", OD_STR_ARG(row[OD_LINE_SELLER]));
    od_buf_init(&text, TEXT_MAX);
    od_jw_init(&w, &text);
    od_jw_object(&w);
    write_member(&w, "seller_id", row[OD_LINE_SELLER]);
    write_member(&w, "seller_city", seller ? seller[OD_SELLER_CITY] : OD_STR_NONE);
    write_member(&w, "seller_state", seller ? seller[OD_SELLER_STATE] : OD_STR_NONE);
    write_member(&w, "seller_zip_code_prefix", seller ? seller[OD_SELLER_ZIP] : OD_STR_NONE);
    write_member(&w, "shipping_limit_date", row[OD_LINE_SHIPPING_LIMIT]);
    write_member(&w, "freight_value", row[OD_LINE_FREIGHT]);
    od_jw_object_end(&w);
    return keep(d, &text);
}

static bool read_item(struct drafting *d, const struct od_str *row, struct od_item *it,
                      int64_t *freight)
{
    struct od_err err;
    int64_t own_freight, sum = 0;
    const struct od_str *product = od_map_get(&d->olist->products, row[OD_LINE_PRODUCT]);
    if (!product)
        od_import_note(d->unit, "unknown_product", "%.*s", OD_STR_ARG(row[OD_LINE_PRODUCT]));
    od_totals_unset_item(it);
    it->sku = it->product_id = row[OD_LINE_PRODUCT];
    it->qty = 1;
    it->name = product ? od_olist_text(product[OD_PRODUCT_CATEGORY]) : OD_STR_NONE;
    it->product_custom_options = item_options(d, row);
    struct od_str weight = product ? product[OD_PRODUCT_WEIGHT] : OD_STR_NONE;
    if (weight.len > 0 && od_decimal_parse(weight, OD_DECIMAL_DIGITS, &it->weight, &err) != 0)
        return od_olist_unreadable(d->unit, "not a weight", weight);
    return od_olist_amount(d->unit, row[OD_LINE_PRICE], &it->price, &sum) &&
           od_olist_amount(d->unit, row[OD_LINE_FREIGHT], &own_freight, freight);
}

static bool read_items(struct drafting *d, struct od_order *draft)
{
    for (const struct od_olist_line *l = d->order->items; l; l = l->next)
        draft->item_count++;
    draft->items = OD_NEW_ARRAY(&d->unit->arena, struct od_item, draft->item_count);
    struct od_item *it = draft->items;
    draft->shipping_fee_incl_tax = 0;
    for (const struct od_olist_line *l = d->order->items; l; l = l->next) {
        if (!read_item(d, l->row, it++, &draft->shipping_fee_incl_tax))
            return false;
    }
    draft->shipping_fee_excl_tax = draft->shipping_fee_incl_tax;
    if (draft->item_count == 0)
        od_import_note(d->unit, "no_items", "the order has no item; its totals are 0");
    return true;
}

static void read_customer(struct drafting *d, struct od_order *draft)
{
    struct od_str id = d->order->row[OD_ORDER_CUSTOMER];
    const struct od_str *customer = od_map_get(&d->olist->customers, id);
    if (!customer) {
        od_import_note(d->unit, "unknown_customer", "%.*s", OD_STR_ARG(id));
        return;
    }
    draft->customer_id = od_olist_text(customer[OD_CUSTOMER_UNIQUE_ID]);
    draft->addresses[OD_SHIPPING] = (struct od_address){
        .city = od_olist_text(customer[OD_CUSTOMER_CITY]),
        .province = od_olist_text(customer[OD_CUSTOMER_STATE]),
        .postcode = od_olist_text(customer[OD_CUSTOMER_ZIP]),
        .country = OD_STR("BR"),
        .present = true,
    };
}

/* Values of the data that the order has no field for. */
static struct od_str metadata(struct drafting *d)
{
    struct od_json_writer w;
    struct od_buf text;
    const struct od_str *row = d->order->row;
    od_buf_init(&text, TEXT_MAX);
    od_jw_init(&w, &text);
    od_jw_object(&w);
    od_jw_key(&w, "olist");
    od_jw_object(&w);
    write_member(&w, "order_status", row[OD_ORDER_STATUS]);
    write_member(&w, "customer_id", row[OD_ORDER_CUSTOMER]);
    write_member(&w, "estimated_delivery_date", row[OD_ORDER_ESTIMATED]);
    od_jw_key(&w, "payment_installments");
    od_jw_array(&w);
    for (const struct od_olist_line *l = d->order->payments; l; l = l->next)
        od_jw_str(&w, l->row[OD_PAID_INSTALLMENTS]);
    od_jw_array_end(&w);
    od_jw_object_end(&w);
    od_jw_object_end(&w);
    return keep(d, &text);
}

struct od_order *od_olist_draft(const struct od_olist *o, const struct od_olist_order *order,
                                struct od_import_unit *u)
{
    struct drafting d = {o, order, u};
    struct od_problem_list problems = {.arena = &u->arena};
    struct od_order *draft = OD_NEW(&u->arena, struct od_order);
    draft->currency = CURRENCY;
    draft->uuid = u->uuid;
    od_totals_unset_order(draft);
    if (!read_items(&d, draft))
        return NULL;
    if (!od_totals_settle(draft, &problems)) {
        od_olist_unreadable(u, "totals", problems.count ? problems.items[0].detail : OD_STR_NONE);
        return NULL;
    }
    read_customer(&d, draft);
    draft->metadata = metadata(&d);
    if (order->payments)
        draft->payment_method = od_olist_text(order->payments->row[OD_PAID_TYPE]);
    return draft;
}
