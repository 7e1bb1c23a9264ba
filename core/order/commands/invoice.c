#include "order/amounts/account.h"
#include "order/ledger/data.h"
#include "order/ledger/fold.h"
#include "order/machine/action.h"
#include "order/machine/body.h"
#include "order/machine/moves.h"
#include "order/machine/step.h"
#include "order/model/limits.h"

/*
 * ISSUE_INVOICE: of what the order comes to and no invoice says yet. CREDIT_INVOICE: of what
 * invoices ask for and the order no longer comes to, as one that asks for less than nothing, with
 * the number of a credit memo. A refund needs none: it has its own.
 */

static int check_room(struct od_step *step)
{
    if (step->order->invoice_count >= OD_INVOICES_MAX)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "limit_reached",
                              "An order holds at most %d invoices", OD_INVOICES_MAX);
    return 0;
}

static int record(struct od_step *step, enum od_event_type type, enum od_document kind,
                  int64_t amount)
{
    const struct od_document_number *taken;
    struct od_invoice *invoice = OD_NEW(step->env->arena, struct od_invoice);
    if (od_step_document(step, kind, NULL, &invoice->invoice_number, &taken) != 0)
        return -1;
    invoice->invoice_id = (int32_t)step->order->invoice_count + 1;
    invoice->amount = amount;
    invoice->created_at = step->at;
    invoice->series = taken->series;
    invoice->series_value = taken->value;
    struct od_event e = od_step_event(step, type);
    invoice->version = e.seq;
    e.invoice = invoice;
    step->d->part_ids[OD_ENTITY_INVOICE] = invoice->invoice_id;
    return od_step_emit(step, &e, OD_SETTLE_NONE);
}

static int decide_issue(struct od_step *step)
{
    int64_t amount = od_order_uninvoiced(step->order);
    if (step->order->canceled_at)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "order_canceled",
                              "The order is cancelled");
    if (check_room(step) != 0)
        return -1;
    if (amount == 0)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "nothing_to_invoice",
                              "All that the order comes to is invoiced");
    return record(step, OD_EVENT_INVOICE_ISSUED, OD_DOCUMENT_INVOICE, amount);
}

static int decide_credit(struct od_step *step)
{
    int64_t amount = od_order_creditable(step->order);
    if (check_room(step) != 0)
        return -1;
    if (amount == 0)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "nothing_to_credit",
                              "No more is invoiced than is owed or paid; what is paid is credited "
                              "by its refund");
    return record(step, OD_EVENT_INVOICE_CREDITED, OD_DOCUMENT_CREDIT_MEMO, -amount);
}

static void actions_issue(struct od_action_list *l)
{
    struct od_command c = {.type = OD_COMMAND_ISSUE_INVOICE};
    od_action_try(l, &c, (struct od_action){0});
}

static void actions_credit(struct od_action_list *l)
{
    struct od_command c = {.type = OD_COMMAND_CREDIT_INVOICE};
    od_action_try(l, &c, (struct od_action){0});
}

static const struct od_move_name issue_names[] = {{'i', "invoice"}, {0}};
static const struct od_move_name credit_names[] = {{'l', "credit invoice"}, {0}};

static unsigned odd(const struct od_order *o)
{
    return o->invoice_count > 0 ? OD_ODD_INVOICED : 0;
}

static void moves_issue(struct od_moves *m)
{
    if (od_order_uninvoiced(m->o) > 0 && od_moves_may(m, OD_ODD_INVOICED))
        od_moves_add(m, 0, OD_STR("invoice"));
}

static void moves_credit(struct od_moves *m)
{
    if (od_order_creditable(m->o) > 0)
        od_moves_add(m, 0, OD_STR("credit invoice"));
}

static const struct od_service issue_invoice_services[] = {
    {"issue_invoice", "issue_invoice", OD_COMMAND_ISSUE_INVOICE, OD_LEAD_NONE, NULL, OD_TABLE_NONE},
    {0},
};

const struct od_command_kind od_issue_invoice = {
    .name = "issue_invoice",
    .permission = "invoices.issue",
    .alias = "invoices",
    .route = {"POST", "/api/orders/:id/invoices"},
    .body_optional = true,
    .creates = true,
    .answer = OD_ANSWER_PART,
    .part = OD_ENTITY_INVOICE,
    .summary = "Issue an invoice",
    .description =
        "Of what the order comes to and no invoice says yet, with the next number of its "
        "series; no number is left out.",
    .body = od_body_empty,
    .shape = &od_shape_empty,
    .decide = decide_issue,
    .emits = OD_EMITS(INVOICE_ISSUED),
    .documents = {[OD_DOCUMENT_INVOICE] = 1},
    .is_step = true,
    .question = OD_QUESTIONS,
    .services = issue_invoice_services,
    .actions = actions_issue,
    .moves = moves_issue,
    .move_names = issue_names,
    .odd = odd,
};

static const struct od_service credit_invoice_services[] = {
    {"credit_invoice", "credit_invoice", OD_COMMAND_CREDIT_INVOICE, OD_LEAD_NONE, NULL,
     OD_TABLE_NONE},
    {0},
};

const struct od_command_kind od_credit_invoice = {
    .name = "credit_invoice",
    .permission = "invoices.issue",
    .route = {"POST", "/api/orders/:id/invoices/credit"},
    .body_optional = true,
    .creates = true,
    .answer = OD_ANSWER_PART,
    .part = OD_ENTITY_INVOICE,
    .summary = "Credit what is invoiced and no longer owed",
    .description =
        "Units were cancelled after they were invoiced: an invoice whose amount is below 0, "
        "with the next number of the credit memos. What was paid is credited by its refund, "
        "and not here. 409 `nothing_to_credit` when there is nothing.",
    .body = od_body_empty,
    .shape = &od_shape_empty,
    .decide = decide_credit,
    .emits = OD_EMITS(INVOICE_CREDITED),
    .documents = {[OD_DOCUMENT_CREDIT_MEMO] = 1},
    .is_step = true,
    .question = OD_QUESTIONS,
    .services = credit_invoice_services,
    .actions = actions_credit,
    .moves = moves_credit,
    .move_names = credit_names,
};

/* ---- invoice.issued, and invoice.credited with an amount below 0 */

static void write(const struct od_event_form *f, const struct od_event *e)
{
    od_event_write_fields(f, OD_ENTITY_INVOICE, e->invoice, ~UINT64_C(0));
}

static int read(struct od_event *e, struct od_json *data, struct od_arena *a, struct od_err *err)
{
    struct od_invoice *invoice = OD_NEW(a, struct od_invoice);

    e->invoice = invoice;
    return od_entity_read(&od_entities[OD_ENTITY_INVOICE], data, invoice, a, err);
}

static bool is_owed(const struct od_order *o, const struct od_event *e)
{
    int64_t amount = e->invoice->amount;

    if (e->type == OD_EVENT_INVOICE_CREDITED)
        return amount < 0 && amount >= -od_order_creditable(o);
    return amount > 0 && amount <= od_order_uninvoiced(o);
}

static int fold(struct od_order *o, const struct od_event *e, struct od_arena *a,
                struct od_err *err)
{
    const struct od_invoice *from = e->invoice;

    if (from->invoice_id != (int32_t)o->invoice_count + 1)
        return od_err_set(err, OD_ERR_INVALID, "invoice %d does not follow on invoice %u",
                          from->invoice_id, o->invoice_count);
    if (from->version != e->seq || !from->invoice_number.ptr)
        return od_err_set(err, OD_ERR_INVALID, "invoice %d has no number", from->invoice_id);
    if (!is_owed(o, e))
        return od_err_set(err, OD_ERR_INVALID, "invoice %d is of more than is left to %s",
                          from->invoice_id, from->amount < 0 ? "credit" : "invoice");
    o->invoices =
        od_arena_grow(a, o->invoices, o->invoice_count, &o->invoice_cap, sizeof *o->invoices);
    o->invoices[o->invoice_count] = *from;
    o->invoices[o->invoice_count++].dirty = OD_DIRTY_NEW;
    return 0;
}

static void document(const struct od_event *e, struct od_event_document *out)
{
    bool credits = e->type == OD_EVENT_INVOICE_CREDITED;
    *out = (struct od_event_document){
        .kind = credits ? OD_DOCUMENT_CREDIT_MEMO : OD_DOCUMENT_INVOICE,
        .number = e->invoice->invoice_number,
        .series = e->invoice->series,
        .value = e->invoice->series_value,
    };
}

const struct od_event_kind od_event_invoice_issued = {
    .name = OD_STR_INIT("invoice.issued"),
    .write = write,
    .read = read,
    .fold = fold,
    .question = OD_QUESTIONS,
    .document = document,
};

const struct od_event_kind od_event_invoice_credited = {
    .name = OD_STR_INIT("invoice.credited"),
    .write = write,
    .read = read,
    .fold = fold,
    .question = OD_QUESTIONS,
    .document = document,
};
