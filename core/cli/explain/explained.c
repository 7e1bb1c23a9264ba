#include "cli/explain/explained.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/terminal/columns.h"
#include "base/json/json.h"
#include "base/money.h"
#include "cli/explain/books.h"
#include "order/ledger/event.h"
#include "order/model/status.h"
#include "order/show/render.h"
#include "script/bundle/bundle.h"

enum { SHORT_HASH = 12, TIME_MAX = 40, AMOUNT_MAX = 40 };

static void print_time(FILE *out, int64_t us)
{
    struct od_buf b;
    od_buf_init(&b, TIME_MAX);
    od_time_format(&b, us);
    fprintf(out, "%.*s", OD_STR_ARG(od_buf_view(&b)));
    od_buf_fini(&b);
}

static void print_amount(FILE *out, int64_t units, struct od_str currency)
{
    struct od_buf b;
    od_buf_init(&b, AMOUNT_MAX);
    od_decimal_format(&b, units, od_currency_digits(currency));
    fprintf(out, "%.*s %.*s", OD_STR_ARG(od_buf_view(&b)), OD_STR_ARG(currency));
    od_buf_fini(&b);
}

static void print_line(FILE *out, const char *name, struct od_str text)
{
    if (text.len)
        od_wrap_to(out, fprintf(out, "       %s:", name), 9, text);
}

static void print_head(const struct od_explained *x, FILE *out)
{
    const struct od_order *o = x->order;
    char uuid[OD_UUID_TEXT + 1];
    od_uuid_format(&o->uuid, uuid);
    fprintf(out, "Order %.*s (id %" PRId64 ", uuid %s), version %d%s\n",
            OD_STR_ARG(o->order_number), o->order_id, uuid, o->version,
            o->historical ? ", imported history" : "");
    fprintf(out, "  status %.*s, payment %.*s, shipment %.*s\n", OD_STR_ARG(o->status),
            OD_STR_ARG(o->payment_status), OD_STR_ARG(o->shipment_status));
    fprintf(out, "  placed ");
    print_time(out, o->created_at);
    fprintf(out, ", ");
    print_amount(out, o->grand_total, o->currency);
    if (o->canceled_at) {
        fprintf(out, ", cancelled ");
        print_time(out, o->canceled_at);
    }
    fprintf(out, "\n");
    for (uint32_t i = 0; i < o->hold_count; i++)
        od_wrap_to(out,
                   fprintf(out, "  hold %.*s by %.*s%s", OD_STR_ARG(o->holds[i].handle),
                           OD_STR_ARG(o->holds[i].by), o->holds[i].reason.len ? ":" : ""),
                   4, o->holds[i].reason.len ? o->holds[i].reason : OD_STR(""));
}

static void print_changes(const struct od_event *e, FILE *out)
{
    static const char *const names[OD_STATUS_KINDS] = {"status", "payment", "shipment"};
    for (int kind = 0; kind < OD_STATUS_KINDS; kind++) {
        const struct od_status_change *c = &e->status[kind];
        if (c->to.ptr && c->from.len)
            fprintf(out, "       %s: %.*s -> %.*s\n", names[kind], OD_STR_ARG(c->from),
                    OD_STR_ARG(c->to));
        else if (c->to.ptr)
            fprintf(out, "       %s: %.*s\n", names[kind], OD_STR_ARG(c->to));
    }
}

static void print_shipments_change(const struct od_status_change *c, FILE *out)
{
    if (c->to.ptr)
        fprintf(out, "       shipments: %.*s -> %.*s\n", OD_STR_ARG(c->from), OD_STR_ARG(c->to));
}

static void print_hold(const struct od_hold *h, FILE *out)
{
    if (h)
        od_wrap_to(
            out,
            fprintf(out, "       hold: %.*s%s", OD_STR_ARG(h->handle), h->reason.len ? ":" : ""), 9,
            h->reason.len ? h->reason : OD_STR(""));
}

/* "delivery 42: hook shipment.created@default at event 3" or "message evt_1 of stripe" */
static struct od_str cause_of(const struct od_explained *x, struct od_str json)
{
    struct od_json *c;
    struct od_err err;
    if (!json.ptr || od_json_parse(x->arena, json, 4, &c, &err))
        return OD_STR_NONE;
    const struct od_json *delivery = od_json_get(c, "delivery"), *order = od_json_get(c, "orderId");
    const struct od_json *seq = od_json_get(c, "seq"), *hook = od_json_get(c, "hook");
    const struct od_json *message = od_json_get(c, "message"), *source = od_json_get(c, "source");
    int64_t order_id;
    if (message && source)
        return od_arena_printf(x->arena, "message %.*s of %.*s", OD_STR_ARG(message->text),
                               OD_STR_ARG(source->text));
    if (!delivery)
        return OD_STR_NONE;
    if (!hook || !seq || !order || !od_json_i64(order, 1, INT64_MAX, &order_id))
        return od_arena_printf(x->arena, "delivery #%.*s", OD_STR_ARG(delivery->text));
    struct od_str of = OD_STR("");
    if (order_id != x->order->order_id)
        of = od_arena_printf(x->arena, " of order id:%lld", (long long)order_id);
    return od_arena_printf(x->arena, "hook %.*s at event %.*s%.*s, delivery #%.*s",
                           OD_STR_ARG(hook->text), OD_STR_ARG(seq->text), OD_STR_ARG(of),
                           OD_STR_ARG(delivery->text));
}

static void put_time(struct od_buf *b, int64_t us)
{
    od_buf_char(b, ' ');
    od_time_format(b, us);
}

/* "webhook to erp, delivered 2026-11-30T12:00:00Z, by hook shipment.created@default, #57" */
static void print_sent(const struct od_delivery_row *d, FILE *out)
{
    struct od_buf b;
    od_buf_init(&b, 16 << 10);
    od_buf_printf(&b, "%.*s", OD_STR_ARG(d->kind));
    if (od_str_is(d->kind, "command"))
        od_buf_printf(&b, " %.*s", OD_STR_ARG(d->name));
    else if (od_str_is(d->kind, "mail") && d->recipient.len)
        od_buf_printf(&b, " %.*s to %.*s", OD_STR_ARG(d->name), OD_STR_ARG(d->recipient));
    od_buf_printf(&b, ", target %.*s, %.*s", OD_STR_ARG(d->target), OD_STR_ARG(d->state));
    if (d->delivered_at)
        put_time(&b, d->delivered_at);
    if (d->hook.len)
        od_buf_printf(&b, ", by hook %.*s", OD_STR_ARG(d->hook));
    od_buf_printf(&b, ", #%lld", (long long)d->delivery_id);
    if (d->error.len)
        od_buf_printf(&b, ": %.*s", OD_STR_ARG(d->error));
    print_line(out, "sent", od_buf_view(&b));
    od_buf_fini(&b);
}

static void print_event(const struct od_explained *all, const struct od_explained_event *x,
                        struct od_str currency, FILE *out)
{
    const struct od_event *e = &x->event;
    fprintf(out, "  %4d ", e->seq);
    print_time(out, e->at);
    fprintf(out, " %.*s%s%.*s\n", OD_STR_ARG(od_event_type_name(e->type)),
            e->actor.len ? " by " : "", OD_STR_ARG(e->actor));
    od_explain_books(e, currency, out);
    print_changes(e, out);
    print_shipments_change(&e->shipments, out);
    print_hold(e->hold, out);
    print_line(out, "bundle", od_str_slice(x->bundle, 0, SHORT_HASH));
    print_line(out, "rules", e->policy);
    print_line(out, "reason", e->reason);
    if (!od_str_eq(e->policy_reason, e->reason))
        print_line(out, "policy reason", e->policy_reason);
    print_line(out, "overruled", e->overruled);
    print_line(out, "comment", e->comment);
    print_line(out, "cause", cause_of(all, x->cause));
    for (size_t i = all->sent_count; i > 0; i--) {
        if (all->sent[i - 1].seq == e->seq)
            print_sent(&all->sent[i - 1], out);
    }
}

/* "default/order_cancel.lua:3" of the label "order.cancel@default"; absent when nobody offers it.
 */
static struct od_str origin_of(const struct od_bundle *b, struct od_str label)
{
    static const enum od_offer_kind kinds[] = {OD_OFFER_POLICY, OD_OFFER_COMMAND};
    for (size_t k = 0; label.len && k < sizeof kinds / sizeof *kinds; k++) {
        uint32_t count;
        const struct od_offer *offers = od_bundle_offers(b, kinds[k], &count);
        for (uint32_t i = 0; i < count; i++) {
            if (od_str_eq(offers[i].label, label))
                return offers[i].origin;
        }
    }
    return OD_STR_NONE;
}

/* The statuses that a command would change: "payment -> paid; status -> processing". */
static void put_result(struct od_buf *b, const struct od_order *now, const struct od_action *a)
{
    const struct {
        const char *name;
        struct od_str from, to;
    } changes[] = {
        {"status", now->status, a->status},
        {"payment", now->payment_status, a->payment_status},
        {"shipment", now->shipment_status, a->shipment_status},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        if (!od_str_eq(changes[i].from, changes[i].to))
            od_buf_printf(b, "%s%s -> %.*s", b->len ? "; " : "", changes[i].name,
                          OD_STR_ARG(changes[i].to));
    }
}

/* "payment authorize", "update_shipment 1 delivered" */
static void put_command(struct od_buf *b, const struct od_action *a)
{
    const struct od_str arguments[] = {a->type, a->to, a->handle, a->field};
    od_buf_str(b, a->command);
    if (a->shipment_id)
        od_buf_printf(b, " %d", a->shipment_id);
    for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++) {
        if (arguments[i].len)
            od_buf_printf(b, " %.*s", OD_STR_ARG(arguments[i]));
    }
}

static void print_action(const struct od_explained *x, const struct od_action *a, FILE *out)
{
    enum { NAME = 36, INDENT = NAME + 7 }; /* behind "  NAME yes " */
    struct od_str origin = origin_of(x->rules->bundle, a->policy);
    struct od_buf name, verdict;
    od_buf_init(&name, 1024);
    od_buf_init(&verdict, 1 << 20);
    put_command(&name, a);
    if (a->allowed)
        put_result(&verdict, x->order, a);
    else
        od_buf_printf(&verdict, "%.*s: %.*s", OD_STR_ARG(a->code), OD_STR_ARG(a->reason));
    int column = fprintf(out, "  %-*.*s %-3s", NAME, OD_STR_ARG(od_buf_view(&name)),
                         a->allowed ? "yes" : "no");
    od_wrap_to(out, column, INDENT, od_buf_view(&verdict));
    od_buf_reset(&verdict);
    od_buf_str(&verdict, a->policy);
    if (origin.len)
        od_buf_printf(&verdict, ", %.*s", OD_STR_ARG(origin));
    if (a->allowed && a->reason.len)
        od_buf_printf(&verdict, ": %.*s", OD_STR_ARG(a->reason));
    od_wrap_to(out, 0, INDENT, od_buf_view(&verdict));
    od_buf_fini(&verdict);
    od_buf_fini(&name);
}

void od_explained_print(const struct od_explained *x, FILE *out)
{
    print_head(x, out);
    fprintf(out, "\nWhat happened\n");
    for (size_t i = 0; i < x->event_count; i++)
        print_event(x, &x->events[i], x->order->currency, out);
    fprintf(out, "\nWhat may be done now, by bundle %.*s (%s)\n", SHORT_HASH, x->rules->hash,
            x->active ? "in service" : "of the configuration; none was put into service yet");
    for (uint32_t i = 0; i < x->action_count; i++)
        print_action(x, &x->actions[i], out);
}

static void write_sent(struct od_json_writer *w, const struct od_delivery_row *d)
{
    const struct {
        const char *key;
        struct od_str text;
    } texts[] = {{"topic", d->topic}, {"target", d->target}, {"kind", d->kind},
                 {"hook", d->hook},   {"name", d->name},     {"recipient", d->recipient},
                 {"state", d->state}, {"error", d->error}};
    od_jw_object(w);
    od_jw_key(w, "deliveryId");
    od_jw_i64(w, d->delivery_id);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        od_jw_key(w, texts[i].key);
        od_jw_str(w, texts[i].text);
    }
    od_jw_key(w, "deliveredAt");
    if (d->delivered_at)
        od_jw_time(w, d->delivered_at);
    else
        od_jw_null(w);
    od_jw_object_end(w);
}

/* The event with what gave it and what was sent of it. */
static void write_event(struct od_json_writer *w, const struct od_explained *x,
                        const struct od_explained_event *e)
{
    od_jw_object(w);
    od_event_write_members(w, &e->event, e->bundle, od_currency_digits(x->order->currency));
    od_jw_key(w, "cause");
    if (e->cause.ptr)
        od_jw_raw(w, e->cause);
    else
        od_jw_null(w);
    od_jw_key(w, "deliveries");
    od_jw_array(w);
    for (size_t i = x->sent_count; i > 0; i--) {
        if (x->sent[i - 1].seq == e->event.seq)
            write_sent(w, &x->sent[i - 1]);
    }
    od_jw_array_end(w);
    od_jw_object_end(w);
}

void od_explained_json(const struct od_explained *x, struct od_buf *out)
{
    struct od_json_writer w;
    od_jw_init(&w, out);
    od_jw_object(&w);
    od_jw_key(&w, "order");
    od_order_write(&w, x->order, &x->rules->statuses, x->rules->shop, x->activities);
    od_jw_key(&w, "events");
    od_jw_array(&w);
    for (size_t i = 0; i < x->event_count; i++)
        write_event(&w, x, &x->events[i]);
    od_jw_array_end(&w);
    od_jw_key(&w, "bundle");
    od_jw_cstr(&w, x->rules->hash);
    od_jw_key(&w, "active");
    od_jw_bool(&w, x->active);
    od_jw_key(&w, "actions");
    od_jw_array(&w);
    for (uint32_t i = 0; i < x->action_count; i++)
        od_action_write(&w, &x->actions[i]);
    od_jw_array_end(&w);
    od_jw_object_end(&w);
}
