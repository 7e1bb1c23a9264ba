#include "engine/batch_parts.h"
#include "order/ledger/event_kind.h"
#include "order/machine/command_kind.h"
#include "pg/sqlstate.h"

/* Numbers that exist already: the database refuses the batch, and what becomes of its command. */

/* The number of the document that a decision issued; absent: it issued none. */
static struct od_str document_number(const struct od_decision *d)
{
    struct od_event_document document;
    for (uint32_t i = 0; d && i < d->event_count; i++) {
        const struct od_event_kind *kind = od_event_kinds[d->events[i].type];
        if (!kind->document)
            continue;
        kind->document(&d->events[i], &document);
        return document.number;
    }
    return OD_STR_NONE;
}

/* The number came from the rules; another try would get the same. Its series goes on with the value
 * it did not use, so that none is missing. */
static void refuse_document(struct od_batch *b, struct od_submission *s, const char *what)
{
    struct od_str number = document_number(s->decision);
    for (uint32_t i = 0; !number.ptr && i < s->more_count; i++)
        number = document_number(s->more[i].decision);
    struct od_decision refused = {
        .env = &b->env,
        .verdict = OD_VERDICT_CONFLICT,
        .refusal = {.code = OD_STR_INIT("document_number_taken")},
    };
    refused.refusal.detail = od_arena_printf(
        &b->arena,
        "There is %s with the number \"%.*s\" already. The document.number policy must make "
        "another number of each seq.value of each series",
        what, OD_STR_ARG(number));
    struct od_outcome outcome = {.kind = OD_OUTCOME_DECIDED, .decision = &refused};
    od_batch_answer(b, s, &outcome);
}

bool od_batch_explain(struct od_batch *b, struct od_submission *s, struct od_err *err)
{
    struct od_outcome outcome = {.kind = OD_OUTCOME_NUMBER_TAKEN, .decision = s->decision};
    if (od_pg_is_duplicate(err, "invoice_invoice_number"))
        refuse_document(b, s, "an invoice");
    else if (od_pg_is_duplicate(err, "refund_credit_memo_number"))
        refuse_document(b, s, "a credit memo");
    else if (od_pg_is_duplicate(err, "orders_order_number") ||
             od_pg_is_duplicate(err, "orders_uuid"))
        od_batch_answer(b, s, &outcome);
    else
        return false;
    return true;
}

/* A number that the rules made; one that the caller gave stays as it is. */
static bool skip_number(const struct od_command *c, const struct od_decision *d,
                        struct od_pg_conn *conn)
{
    if (c->type != OD_COMMAND_PLACE || c->draft->order_number.ptr || !d ||
        d->verdict != OD_VERDICT_DONE)
        return false;
    if (d->new_series.ptr)
        od_numbers_send_skip(d->new_series, d->new_number_value, d->order->order_number, conn);
    return true;
}

static bool skip_made(const struct od_extra_numbers *extra, struct od_pg_conn *conn)
{
    const struct od_made *made = extra->made;
    return made && made->place.draft && skip_number(&made->place, made->decision, conn);
}

bool od_batch_skip_numbers(const struct od_submission *s, const struct od_err *err,
                           struct od_pg_conn *conn)
{
    if (!od_pg_is_duplicate(err, "orders_order_number"))
        return false;
    bool skipped = skip_number(s->command, s->decision, conn) || skip_made(&s->extra, conn);
    for (uint32_t i = 0; i < s->more_count; i++)
        skipped = skip_number(s->more[i].command, s->more[i].decision, conn) ||
                  skip_made(&s->more[i].extra, conn) || skipped;
    return skipped;
}
