#include "order/machine/decide.h"

enum { NUMBERS_MAX = 8 }; /* documents that a composite may issue when it is tried */

static void lend_number(struct od_decision *d, const struct od_command *c, enum od_document kind,
                        size_t *cap)
{
    struct od_document_number number = {.kind = kind};
    d->documents =
        od_arena_grow(d->env->arena, d->documents, d->document_count, cap, sizeof *d->documents);
    if (od_decide_document_series(d->env, d->order, c, &number) == 0)
        number.value = d->document_count + 1;
    d->documents[d->document_count++] = number;
}

/* As the engine does: what lacks a document's number is tried again with one more. */
void od_decide_trial(struct od_decision *d, const struct od_command *c)
{
    struct od_decision before = *d;
    size_t cap = before.document_count;
    for (int i = 0; i <= NUMBERS_MAX; i++) {
        *d = before;
        od_decide(d, c, true);
        if (d->verdict != OD_VERDICT_UNNUMBERED)
            return;
        lend_number(&before, c, d->wanted, &cap);
    }
    d->verdict = OD_VERDICT_CONFLICT;
    d->refusal = (struct od_refusal){.code = OD_STR("too_many_documents"),
                                     .detail = OD_STR("It issues more documents than are tried")};
}
