#include "conf/conf.h"
#include "order/amounts/rollup.h"
#include "script/template/letter.h"
#include "script/template/printing.h"
#include "script/template/sums.h"
#include "script/template/template.h"
#include "script/value/record.h"
#include "script/value/scalar.h"
#include "script/view/push.h"

/* `document` and `shop`, as templates see them; `order` is the view that rules get. */

static const char *const sum_names[] = {"net", "tax", "gross", "percent", NULL};
static const struct l_shape sum_shape = {.noun = "sum", .names = sum_names};
static const char *const line_names[] = {"item",  "qty",    "net",      "tax",
                                         "gross", "weight", "discount", NULL};
static const struct l_shape line_shape = {.noun = "line", .names = line_names};
static const char *const document_names[] = {
    "kind",        "number",       "date",       "lines",    "taxes",    "items",
    "shipping",    "discount",     "adjustment", "total",    "weight",   "paid",
    "outstanding", "invoice",      "refund",     "shipment", "due",      "invoiced_before",
    "refunded",    "charged_back", "rma",        "language", "template", NULL};
static const struct l_shape document_shape = {.noun = "document", .names = document_names};
static const char *const shop_names[] = {"name",         "address", "email",  "telephone", "tax_id",
                                         "registration", "bank",    "footer", "logo",      NULL};
static const struct l_shape shop_shape = {.noun = "shop", .names = shop_names};

/* Sets the member of the table at the top. [-0, +0, m] */
static void l_set_sum(lua_State *L, struct od_sum s)
{
    l_set_integer(L, "net", s.net);
    l_set_integer(L, "tax", s.tax);
    l_set_integer(L, "gross", s.gross);
}

static void l_push_sum(lua_State *L, struct od_sum s)
{
    lua_createtable(L, 0, 4);
    l_set_sum(L, s);
    l_as_record(L, &sum_shape);
}

static void l_push_lines(lua_State *L, const struct od_document_sums *d)
{
    lua_createtable(L, (int)d->line_count, 0);
    for (uint32_t i = 0; i < d->line_count; i++) {
        lua_createtable(L, 0, 6);
        l_push_record(L, OD_ENTITY_ITEM, d->lines[i].item);
        lua_setfield(L, -2, "item");
        l_set_integer(L, "qty", d->lines[i].qty);
        l_set_integer(L, "discount", d->lines[i].discount);
        l_set_integer(L, "weight", d->lines[i].weight);
        l_set_sum(L, d->lines[i].sum);
        l_as_record(L, &line_shape);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    l_as_list(L);
}

static void l_push_taxes(lua_State *L, const struct od_document_sums *d)
{
    lua_createtable(L, (int)d->tax_count, 0);
    for (uint32_t i = 0; i < d->tax_count; i++) {
        l_push_sum(L, d->taxes[i].sum);
        l_set_integer(L, "percent", d->taxes[i].percent);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    l_as_list(L);
}

/* Sets the amount of the order's earlier invoices, and what this one asks for. [-0, +0, m] */
static void l_set_invoice(lua_State *L, const struct od_order *o, const struct od_invoice *invoice)
{
    int64_t before = 0;

    for (uint32_t i = 0; i < o->invoice_count; i++)
        if (o->invoices[i].invoice_id < invoice->invoice_id)
            before += o->invoices[i].amount;
    l_set_text(L, "number", invoice->invoice_number);
    l_set_integer(L, "invoiced_before", before);
    l_set_integer(L, "due", invoice->amount);
    l_set_integer(L, "paid", o->amount_captured);
    l_set_integer(L, "refunded", o->amount_refunded);
    l_set_integer(L, "charged_back", o->amount_charged_back);
    l_set_integer(L, "outstanding", od_amount_outstanding(o));
    l_push_record(L, OD_ENTITY_INVOICE, invoice);
    lua_setfield(L, -2, "invoice");
}

/* Sets the record that the mail is about, unless there is none of its kind. [-0, +0, m] */
static void l_set_part(lua_State *L, const char *key, enum od_entity_kind kind, const void *part)
{
    if (!part)
        return;
    l_push_record(L, kind, part);
    lua_setfield(L, -2, key);
}

/* [-0, +0, m] */
static void l_set_letter(lua_State *L, const struct od_order *o, const struct od_letter *letter)
{
    l_set_text(L, "number", o->order_number);
    l_set_text(L, "template", letter->template);
    l_set_text(L, "language", letter->language);
    l_set_part(L, "shipment", OD_ENTITY_SHIPMENT, od_order_shipment(o, letter->shipment_id));
    l_set_part(L, "refund", OD_ENTITY_REFUND, od_order_refund(o, letter->refund_id));
    l_set_part(L, "rma", OD_ENTITY_RETURN, od_order_return(o, letter->return_id));
}

/* Sets the members that each kind has of its own. [-0, +0, m] */
static void l_set_kind(lua_State *L, const struct od_print_job *job)
{
    const struct od_order *o = job->order;
    const struct od_refund *refund;
    const struct od_shipment *shipment;

    switch (job->kind) {
    case OD_PRINT_INVOICE:
        l_set_invoice(L, o, od_order_invoice(o, job->id));
        break;
    case OD_PRINT_PACKING_SLIP:
        shipment = od_order_shipment(o, job->id);
        l_set_text(L, "number", shipment->shipment_number);
        l_push_record(L, OD_ENTITY_SHIPMENT, shipment);
        lua_setfield(L, -2, "shipment");
        break;
    case OD_PRINT_CREDIT_MEMO:
        refund = od_order_refund(o, job->id);
        l_set_text(L, "number", refund->credit_memo_number);
        l_push_record(L, OD_ENTITY_REFUND, refund);
        lua_setfield(L, -2, "refund");
        break;
    case OD_PRINT_MAIL:
        l_set_letter(L, o, job->letter);
        break;
    }
}

void l_push_document(lua_State *L, const struct od_printing *p)
{
    const struct od_document_sums *d = &p->sums;

    lua_createtable(L, 0, 20);
    l_set_text(L, "kind", od_str_of(od_print_name(p->job->kind)));
    l_push_time(L, p->date);
    lua_setfield(L, -2, "date");
    l_set_kind(L, p->job);
    l_push_lines(L, d);
    lua_setfield(L, -2, "lines");
    l_push_taxes(L, d);
    lua_setfield(L, -2, "taxes");
    l_push_sum(L, d->items);
    lua_setfield(L, -2, "items");
    l_push_sum(L, d->shipping);
    lua_setfield(L, -2, "shipping");
    l_set_integer(L, "discount", d->discount);
    l_set_integer(L, "adjustment", d->adjustment);
    l_set_integer(L, "total", d->total);
    l_set_integer(L, "weight", d->weight);
    l_as_record(L, &document_shape);
}

/* A text of several lines as a list of them; nothing for an absent one. [-0, +0, m] */
static void l_set_lines(lua_State *L, const char *key, struct od_str text)
{
    struct od_str line;
    lua_Integer n = 0;

    lua_newtable(L);
    while (od_str_cut(&text, '\n', &line)) {
        l_push_str(L, line);
        lua_rawseti(L, -2, ++n);
    }
    l_as_list(L);
    lua_setfield(L, -2, key);
}

/* A logo is longer than a script's value may be: what stands for it is known to url_ alone. */
void l_push_shop(lua_State *L, const struct od_conf_shop_keys *shop)
{
    lua_createtable(L, 0, 9);
    l_set_text(L, "name", shop->name);
    l_set_text(L, "email", shop->email);
    l_set_text(L, "telephone", shop->telephone);
    l_set_text(L, "tax_id", shop->tax_id);
    l_set_text(L, "registration", shop->registration);
    if (shop->logo.ptr) {
        lua_pushlightuserdata(L, (void *)&shop->logo);
        lua_setfield(L, -2, "logo");
    }
    l_set_lines(L, "address", shop->address);
    l_set_lines(L, "bank", shop->bank);
    l_set_lines(L, "footer", shop->footer);
    l_as_record(L, &shop_shape);
}
