#include "engine/repeat.h"

#include <stdlib.h>

#include "engine/lookup.h"
#include "store/load/load.h"

struct od_repeat {
    struct od_submission *submission;
    struct od_read read;
    int32_t ref_id;
};

void od_repeat_drop(struct od_submission *s)
{
    free(s->repeat);
    s->repeat = NULL;
}

void od_repeat_begin(struct od_submission *s, const struct od_key_row *row)
{
    od_repeat_drop(s);
    s->repeat = calloc(1, sizeof *s->repeat);
    if (!s->repeat)
        abort();
    s->repeat->submission = s;
    s->repeat->ref_id = row->ref_id;
    s->repeat->read.ref.order_id = row->order_id;
    s->repeat->read.version = row->version;
}

static void finish(struct od_submission *s, const struct od_err *err)
{
    od_repeat_drop(s);
    s->done(s->ctx, err);
}

static void on_read(void *ctx, const struct od_outcome *then, const struct od_err *err)
{
    struct od_repeat *r = ctx;
    struct od_submission *s = r->submission;
    struct od_err gone;
    if (!err && !then->order) {
        (void)od_err_set(&gone, OD_ERR_DB, "the order that a used key names is gone");
        err = &gone;
    }
    if (!err) {
        struct od_outcome outcome = *then;
        outcome.kind = OD_OUTCOME_REPLAYED;
        outcome.ref_id = r->ref_id;
        s->decided(s->ctx, &outcome);
    }
    finish(s, err);
}

void od_repeat_answer(struct od_submission *s, struct od_lookup *lookup)
{
    struct od_err err;
    if (od_lookup_up(lookup)) {
        s->repeat->read.ctx = s->repeat;
        s->repeat->read.done = on_read;
        od_lookup_read(lookup, &s->repeat->read);
        return;
    }
    (void)od_err_set(&err, OD_ERR_UNAVAILABLE, "the database cannot be reached");
    finish(s, &err);
}
