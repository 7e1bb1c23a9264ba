#include "cli/explain/books.h"

#include "base/terminal/columns.h"
#include "base/money.h"

enum { LINE_MAX_BYTES = 4096 };

struct line {
    struct od_buf text;
    struct od_str currency;
};

static void add_amount(struct line *l, int64_t amount)
{
    od_decimal_format(&l->text, amount, od_currency_digits(l->currency));
    od_buf_printf(&l->text, " %.*s", OD_STR_ARG(l->currency));
}

/* before: ", by "; nothing for an absent one. */
static void add_text(struct line *l, const char *before, struct od_str text)
{
    if (text.len)
        od_buf_printf(&l->text, "%s%.*s", before, OD_STR_ARG(text));
}

static void add_units(struct line *l, int32_t order_item_id, int32_t qty)
{
    od_buf_printf(&l->text, ", %d of item %d", qty, order_item_id);
}

/* By the method it goes by; where those are several, each with its part. */
static void describe_methods(struct line *l, const struct od_event *e)
{
    if (!e->payment) /* it is confirmed */
        add_text(l, ", by ", e->refund->method);
    for (uint32_t i = 0; e->payment && (i == 0 || i < e->payment_count); i++) {
        add_text(l, ", by ", e->payment[i].method);
        if (e->payment_count > 1) {
            od_buf_str(&l->text, OD_STR(" "));
            add_amount(l, e->payment[i].amount);
        }
        add_text(l, " in place of ", e->payment[i].paid_by);
    }
}

static void describe_refund(struct line *l, const struct od_event *e)
{
    const struct od_refund *r = e->refund;
    add_amount(l, r->amount);
    describe_methods(l, e);
    add_text(l, ", transaction ", r->transaction_id);
    add_text(l, ", credit memo ", r->credit_memo_number);
    if (r->return_id)
        od_buf_printf(&l->text, ", for return %d", r->return_id);
    for (uint32_t i = 0; i < r->item_count; i++) {
        const struct od_refund_item *ri = &r->items[i];
        add_units(l, ri->order_item_id, ri->qty);
        if (ri->qty_restocked)
            od_buf_printf(&l->text, " (%d back on the shelf)", ri->qty_restocked);
        if (ri->qty_canceled)
            od_buf_printf(&l->text, " (%d not to be shipped)", ri->qty_canceled);
    }
}

static void describe_payment(struct line *l, const struct od_payment *p)
{
    od_buf_printf(&l->text, "%.*s ", OD_STR_ARG(p->type));
    add_amount(l, p->amount);
    add_text(l, ", by ", p->method);
    add_text(l, ", transaction ", p->transaction_id);
}

static void describe_shipment(struct line *l, const struct od_shipment *s)
{
    od_buf_printf(&l->text, "%d", s->shipment_id);
    add_text(l, ", ", s->carrier);
    add_text(l, " ", s->tracking_number);
    for (uint32_t i = 0; i < s->item_count; i++)
        add_units(l, s->items[i].order_item_id, s->items[i].qty);
}

static void describe_return(struct line *l, const struct od_return *r)
{
    od_buf_printf(&l->text, "%d", r->return_id);
    for (uint32_t i = 0; i < r->item_count; i++) {
        const struct od_return_item *ri = &r->items[i];
        add_units(l, ri->order_item_id, ri->qty_received ? ri->qty_received : ri->qty);
        if (ri->qty_restocked)
            od_buf_printf(&l->text, " (%d back on the shelf)", ri->qty_restocked);
    }
}

static void describe_invoice(struct line *l, const struct od_invoice *i)
{
    od_buf_str(&l->text, i->invoice_number);
    od_buf_str(&l->text, OD_STR(", "));
    add_amount(l, i->amount);
}

static void describe_change(struct line *l, const struct od_event *e)
{
    od_buf_printf(&l->text, "%d", e->change->change_id);
    if (e->type == OD_EVENT_CHANGE_PROPOSED) {
        od_buf_printf(&l->text, e->change->difference < 0 ? ", " : ", +");
        add_amount(l, e->change->difference);
    }
}

static void describe_units(struct line *l, const struct od_event *e)
{
    add_amount(l, e->amount);
    for (uint32_t i = 0; i < e->unit_count; i++)
        add_units(l, e->units[i].order_item_id, e->units[i].qty);
}

/* Returns what the event is about; NULL: nothing of the books. */
static const char *describe(struct line *l, const struct od_event *e)
{
    if (e->refund) { /* with its payment */
        describe_refund(l, e);
        return "refund";
    }
    if (e->payment) {
        describe_payment(l, e->payment);
        return "payment";
    }
    if (e->shipment) {
        describe_shipment(l, e->shipment);
        return "shipment";
    }
    if (e->ret) {
        describe_return(l, e->ret);
        return "return";
    }
    if (e->invoice) {
        describe_invoice(l, e->invoice);
        return "invoice";
    }
    if (e->change) {
        describe_change(l, e);
        return "change";
    }
    if (!e->unit_count)
        return NULL;
    describe_units(l, e);
    return e->split ? "split off" : "canceled";
}

void od_explain_books(const struct od_event *e, struct od_str currency, FILE *out)
{
    struct line l = {.currency = currency};
    od_buf_init(&l.text, LINE_MAX_BYTES);
    const char *label = describe(&l, e);
    if (label)
        od_wrap_to(out, fprintf(out, "       %s:", label), 9, od_buf_view(&l.text));
    od_buf_fini(&l.text);
}
