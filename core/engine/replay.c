#include "engine/replay.h"

#include <stdlib.h>

#include "engine/lookup.h"
#include "store/load/load.h"

struct od_replay {
    struct od_submission *submission;
    struct od_read read;
    int32_t ref_id;
};

void od_replay_drop(struct od_submission *s)
{
    free(s->replay);
    s->replay = NULL;
}

void od_replay_begin(struct od_submission *s, const struct od_key_row *row)
{
    od_replay_drop(s);
    s->replay = calloc(1, sizeof *s->replay);
    if (!s->replay)
        abort();
    s->replay->submission = s;
    s->replay->ref_id = row->ref_id;
    s->replay->read.ref.order_id = row->order_id;
    s->replay->read.version = row->version;
}

static void finish(struct od_submission *s, const struct od_err *err)
{
    od_replay_drop(s);
    s->done(s->ctx, err);
}

static void on_read(void *ctx, const struct od_outcome *then, const struct od_err *err)
{
    struct od_replay *r = ctx;
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

void od_replay_answer(struct od_submission *s, struct od_lookup *lookup)
{
    struct od_err err;
    if (od_lookup_up(lookup)) {
        s->replay->read.ctx = s->replay;
        s->replay->read.done = on_read;
        od_lookup_read(lookup, &s->replay->read);
        return;
    }
    (void)od_err_set(&err, OD_ERR_UNAVAILABLE, "the database cannot be reached");
    finish(s, &err);
}
