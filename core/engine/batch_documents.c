#include "base/assert.h"
#include "engine/batch_parts.h"
#include "order/machine/command_kind.h"

/*
 * Numbers of the documents that a batch issues. LOAD takes as many as the commands are sure to
 * issue, from the series that document.series names when the orders are there, and a decision is
 * handed them right before it is made: what it does not use is the next one's.
 */

/* Documents that one order's commands of a submission may issue beyond those they are sure of. */
enum { EXTRA_MAX = 8 };

static uint32_t documents_of(const struct od_command *c, enum od_document kind,
                             const struct od_extra_numbers *extra)
{
    uint32_t n = extra->of[kind];
    for (; c; c = c->next)
        n += od_command_documents(c, kind);
    return n;
}

bool od_batch_has_documents(const struct od_command *c, const struct od_extra_numbers *extra)
{
    return documents_of(c, OD_DOCUMENT_INVOICE, extra) +
               documents_of(c, OD_DOCUMENT_CREDIT_MEMO, extra) >
           0;
}

struct wanting {
    struct od_batch *b;
    struct od_decision *d;
    const struct od_order *order; /* of which they are documents */
    bool dry_run;
    size_t cap;
};

static void want(struct wanting *w, const struct od_command *c, enum od_document kind,
                 uint32_t count)
{
    struct od_decision *d = w->d;
    for (uint32_t i = 0; i < count; i++) {
        d->documents = od_arena_grow(&w->b->arena, d->documents, d->document_count, &w->cap,
                                     sizeof *d->documents);
        struct od_document_number *doc = &d->documents[d->document_count++];
        *doc = (struct od_document_number){.kind = kind};
        if (od_decide_document_series(&w->b->env, w->order, c, doc) == 0)
            od_numbers_want_document(&w->b->set.numbers, doc, w->dry_run);
        else
            *doc = (struct od_document_number){.kind = kind}; /* decide finds out and refuses */
    }
}

/* In the order in which the commands need them. */
static void want_part(struct od_batch *b, struct od_decision *d, const struct od_command *first,
                      int64_t order_id, const struct od_extra_numbers *extra, bool dry_run)
{
    const struct od_loaded *loaded = order_id ? od_set_order(&b->set, order_id) : NULL;
    struct wanting w = {.b = b, .d = d, .order = loaded ? loaded->order : NULL, .dry_run = dry_run};
    if (od_command_kinds[first->type]->subject == OD_SUBJECT_NEW_ORDER)
        w.order = first->draft;
    if (!w.order)
        return; /* not found: nothing is issued */
    for (const struct od_command *c = first; c; c = c->next) {
        for (enum od_document kind = 0; kind < OD_DOCUMENTS; kind++)
            want(&w, c, kind, od_command_documents(c, kind));
    }
    for (enum od_document kind = 0; kind < OD_DOCUMENTS; kind++)
        want(&w, first, kind, extra->of[kind]);
}

void od_batch_want_documents(struct od_batch *b)
{
    for (struct od_list *n = b->submissions.next; n != &b->submissions; n = n->next) {
        struct od_submission *s = OD_LIST_ENTRY(n, struct od_submission, node);
        want_part(b, s->decision, s->command, s->order_id, &s->extra, s->dry_run);
        for (uint32_t i = 0; i < s->more_count; i++) {
            struct od_part *part = &s->more[i];
            want_part(b, part->decision, part->command, part->order_id, &part->extra, s->dry_run);
        }
    }
}

void od_batch_give_documents(struct od_batch *b, struct od_decision *d)
{
    for (uint32_t i = 0; i < d->document_count; i++) {
        d->documents[i].used = false;
        if (d->documents[i].series.ptr)
            od_numbers_use_document(&b->set.numbers, &d->documents[i]);
    }
}

/* The used numbers are a prefix of each kind, so those that come back are the end of each
 * series. */
void od_batch_take_documents(struct od_batch *b, struct od_decision *d, bool all)
{
    for (uint32_t i = 0; i < d->document_count; i++) {
        struct od_document_number *doc = &d->documents[i];
        if (doc->series.ptr && (all || !doc->used))
            od_numbers_unuse_document(&b->set.numbers, doc);
    }
}

void od_batch_undo_documents(struct od_batch *b, struct od_decision *d)
{
    for (uint32_t i = 0; i < d->document_count; i++) {
        if (d->documents[i].used)
            od_numbers_unuse_document(&b->set.numbers, &d->documents[i]);
        d->documents[i].used = false;
    }
}

/* Asks order.series about the order that is made. At the next try it is the same order, unless
 * something happened in between; then the policy may answer another series again. */
static bool want_series(struct od_extra_numbers *extra, const struct od_decision *d)
{
    struct od_str series = d->wanted_series;
    OD_ASSERT(series.len < sizeof extra->series);
    if (series.len)
        memcpy(extra->series, series.ptr, series.len);
    extra->series[series.len] = '\0';
    return true;
}

bool od_batch_want_another(struct od_batch *b, struct od_extra_numbers *extra,
                           struct od_decision *d)
{
    uint32_t sum = 0;
    if (d->wants_series)
        return want_series(extra, d);
    for (enum od_document kind = 0; kind < OD_DOCUMENTS; kind++)
        sum += extra->of[kind];
    if (sum < EXTRA_MAX) {
        extra->of[d->wanted]++;
        return true;
    }
    d->verdict = OD_VERDICT_CONFLICT;
    d->refusal = (struct od_refusal){
        .code = OD_STR_INIT("too_many_documents"),
        .detail = od_arena_printf(&b->arena,
                                  "One command may issue at most %d invoices and credit memos; do "
                                  "it in several",
                                  EXTRA_MAX),
    };
    return false;
}
