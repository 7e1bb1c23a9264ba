#include <stdio.h>

#include "cli/import/chain.h"
#include "cli/import/olist.h"
#include "base/clock.h"

/*
 * The life of one order by its timestamps: purchased, approved (paid), handed to the carrier,
 * delivered; its status says how it ended. Times the data lacks are not invented: what must have
 * happened is told at the latest time known before it, and reported.
 */

#define ACTOR OD_STR("import:olist")

enum { TIMES = 4, PURCHASED = 0, APPROVED, HANDED_OVER, DELIVERED };

struct telling {
    const struct od_olist *olist;
    const struct od_olist_order *order;
    struct od_import_unit *unit;
    struct od_chain chain;
    struct od_str status;
    int64_t at[TIMES]; /* 0: not known */
    int64_t last;      /* the latest of them */
    int64_t due, paid; /* items and freight; payments */
    struct od_chain_step *placed;
};

static bool is(const struct telling *t, const char *status)
{
    return od_str_is(t->status, status);
}

/* Each of these comes after payment. */
static bool status_implies_paid(const struct telling *t)
{
    return is(t, "delivered") || is(t, "shipped") || is(t, "invoiced") || is(t, "processing") ||
           is(t, "approved");
}

static bool read_times(struct telling *t)
{
    for (int i = 0; i < TIMES; i++) {
        struct od_str text = t->order->row[OD_ORDER_PURCHASED + i];
        if (text.len > 0 && !od_time_parse(text, &t->at[i]))
            return od_olist_unreadable(t->unit, "not a time", text);
        if (t->at[i] > t->last)
            t->last = t->at[i];
    }
    return t->at[PURCHASED] ||
           od_olist_unreadable(t->unit, "no time of purchase", t->order->row[OD_ORDER_PURCHASED]);
}

static bool place(struct telling *t)
{
    struct od_order *draft = od_olist_draft(t->olist, t->order, t->unit);
    if (!draft)
        return false;
    t->due = draft->grand_total;
    t->placed = od_chain_add(&t->chain, OD_COMMAND_PLACE, t->at[PURCHASED], NULL);
    t->placed->command->draft = draft;
    return true;
}

static bool pay_part(struct telling *t, const struct od_olist_line *line, bool captured, int64_t at)
{
    int64_t amount;
    const struct od_str *row = line->row;
    if (!od_olist_amount(t->unit, row[OD_PAID_VALUE], &amount, &t->paid))
        return false;
    if (amount == 0)
        od_import_note(t->unit, "payment_of_nothing", "payment %lld by %.*s is 0",
                       (long long)line->sequence, OD_STR_ARG(row[OD_PAID_TYPE]));
    struct od_command *c = od_chain_add(&t->chain, OD_COMMAND_PAYMENT, at, t->placed)->command;
    c->payment.type = captured ? OD_STR("capture") : OD_STR("authorize");
    c->payment.method = od_olist_text(row[OD_PAID_TYPE]);
    c->payment.transaction_id =
        od_arena_printf(&t->unit->arena, "olist-%.*s-%lld", OD_STR_ARG(row[OD_PAID_ORDER]),
                        (long long)line->sequence);
    c->payment_amount = row[OD_PAID_VALUE];
    return true;
}

static void note_payments(struct telling *t, size_t count, bool gap)
{
    char paid[32], due[32];
    if (count == 0)
        od_import_note(t->unit, "no_payments", "the order has no payment");
    if (count > 1)
        od_import_note(t->unit, "paid_in_parts", "%zu payments", count);
    if (gap)
        od_import_note(t->unit, "payment_sequence_gap", "the payments are not numbered 1 to %zu",
                       count);
    if (count == 0 || !t->order->items || t->paid == t->due)
        return;
    snprintf(paid, sizeof paid, "%lld.%02lld", (long long)(t->paid / 100),
             (long long)(t->paid % 100));
    snprintf(due, sizeof due, "%lld.%02lld", (long long)(t->due / 100), (long long)(t->due % 100));
    od_import_note(t->unit, "payments_differ", "paid %s, items and freight are %s", paid, due);
}

/* Approval is the word of the shop that the order is paid, whatever the payments add up to: where
 * they do not say so, the status is set. */
static bool pay(struct telling *t)
{
    size_t count = 0;
    bool gap = false, captured = t->at[APPROVED] || status_implies_paid(t);
    int64_t at = t->at[APPROVED] ? t->at[APPROVED] : t->at[PURCHASED];
    for (const struct od_olist_line *l = t->order->payments; l; l = l->next) {
        gap = gap || l->sequence != (int64_t)++count;
        if (!pay_part(t, l, captured, at))
            return false;
    }
    note_payments(t, count, gap);
    if (!captured)
        return true;
    if (!t->at[APPROVED])
        od_import_note(t->unit, "no_approval_time",
                       "paid as its status %.*s says; told at purchase", OD_STR_ARG(t->status));
    struct od_chain_step *s = od_chain_add(&t->chain, OD_COMMAND_PATCH, at, t->placed);
    s->command->payment_status = t->olist->paid;
    return true;
}

/* Without items no units can tell how far the shipment is: its status is set. */
static void set_shipment_status(struct telling *t, const struct od_chain_step *follows,
                                struct od_str code)
{
    if (t->order->items)
        return;
    int64_t at = follows->command->at;
    od_chain_add(&t->chain, OD_COMMAND_PATCH, at, follows)->command->shipment_status = code;
}

static void ship(struct telling *t)
{
    bool delivered = t->at[DELIVERED] || is(t, "delivered");
    if (!t->at[HANDED_OVER] && !delivered && !is(t, "shipped"))
        return;
    int64_t sent_at = t->at[HANDED_OVER];
    if (!sent_at)
        sent_at = t->at[APPROVED] ? t->at[APPROVED] : t->at[PURCHASED];
    struct od_chain_step *sent =
        od_chain_add(&t->chain, OD_COMMAND_CREATE_SHIPMENT, sent_at, t->placed);
    set_shipment_status(t, sent, t->olist->shipped);
    if (!delivered)
        return;
    int64_t arrived_at = t->at[DELIVERED] ? t->at[DELIVERED] : sent_at;
    struct od_chain_step *arrived =
        od_chain_add(&t->chain, OD_COMMAND_UPDATE_SHIPMENT, arrived_at, sent);
    arrived->command->shipment.status = t->olist->delivered;
    set_shipment_status(t, arrived, t->olist->delivered);
}

/*
 * The data has no time of a cancellation, so it is told last. An order that the carrier had by then
 * is cancelled with its units shipped (and delivered, when a date says so) and nothing left to
 * cancel: nothing goes back anywhere, and the event says which refusal history overruled. That
 * units left *after* the cancellation (qty_shipped_after_cancel) nobody knows, so it is not said.
 */
static void end(struct telling *t)
{
    if (is(t, "canceled")) {
        struct od_chain_step *s = od_chain_add_last(&t->chain, OD_COMMAND_CANCEL, t->last);
        s->command->text = OD_STR("olist: canceled");
    } else if (is(t, "unavailable")) {
        struct od_chain_step *s = od_chain_add_last(&t->chain, OD_COMMAND_HOLD, t->last);
        s->command->hold.handle = OD_STR("unavailable");
        s->command->hold.reason = OD_STR("olist: unavailable");
    } else if (!status_implies_paid(t) && !is(t, "created")) {
        od_import_note(t->unit, "unknown_status", "%.*s", OD_STR_ARG(t->status));
    }
}

static void note_before(struct telling *t, int first, int second, const char *reason)
{
    const struct od_str *row = &t->order->row[OD_ORDER_PURCHASED];
    if (t->at[first] && t->at[second] && t->at[first] < t->at[second])
        od_import_note(t->unit, reason, "%.*s, before %.*s", OD_STR_ARG(row[first]),
                       OD_STR_ARG(row[second]));
}

static void note_times(struct telling *t)
{
    bool sent = is(t, "shipped") || is(t, "delivered");
    bool no_hand_over = sent && !t->at[HANDED_OVER];
    bool no_delivery = is(t, "delivered") && !t->at[DELIVERED];
    if (no_hand_over || no_delivery)
        od_import_note(t->unit, "missing_time", "%s, but no time of %s%s%s",
                       is(t, "shipped") ? "shipped" : "delivered", no_hand_over ? "hand-over" : "",
                       no_hand_over && no_delivery ? " and of " : "",
                       no_delivery ? "delivery" : "");
    note_before(t, APPROVED, PURCHASED, "approved_before_purchase");
    note_before(t, HANDED_OVER, PURCHASED, "handed_over_before_purchase");
    note_before(t, HANDED_OVER, APPROVED, "handed_over_before_approval");
    note_before(t, DELIVERED, HANDED_OVER, "delivered_before_hand_over");
    if (is(t, "canceled") && t->at[HANDED_OVER])
        od_import_note(t->unit, "canceled_after_hand_over", "the carrier had it at %.*s",
                       OD_STR_ARG(t->order->row[OD_ORDER_HANDED_OVER]));
    if (is(t, "canceled") && t->at[DELIVERED])
        od_import_note(t->unit, "canceled_after_delivery", "the customer had it at %.*s",
                       OD_STR_ARG(t->order->row[OD_ORDER_DELIVERED]));
}

void od_olist_order_build(const struct od_olist *o, const struct od_olist_order *order,
                          struct od_import_unit *u)
{
    struct telling t = {
        .olist = o,
        .order = order,
        .unit = u,
        .status = order->row[OD_ORDER_STATUS],
    };
    u->order = order->row[OD_ORDER_ID];
    u->line = order->line;
    od_chain_init(&t.chain, &u->arena, ACTOR, true);
    if (!od_uuid_parse(u->order, &u->uuid) || od_uuid_is_zero(&u->uuid)) {
        od_olist_unreadable(u, "the order's id is no uuid", u->order);
        return;
    }
    if (!read_times(&t) || !place(&t) || !pay(&t))
        return;
    ship(&t);
    end(&t);
    note_times(&t);
    u->commands = od_chain_link(&t.chain);
}
