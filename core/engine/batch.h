#ifndef OD_ENGINE_BATCH_H
#define OD_ENGINE_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/list.h"
#include "engine/engine.h"
#include "store/load/load.h"
#include "store/write/write.h"

/*
 * One transaction's worth of submissions, from the moment they leave the queue until they are
 * answered: what it loads, the decisions, what it writes. It owns the arena in which all of that
 * lives and pins the rules it is decided by. The lane drives it.
 */
struct od_batch {
    struct od_arena arena;
    struct od_list submissions;
    uint32_t count;
    struct od_rules *rules;    /* counted */
    struct od_shadow **shadow; /* where the one that decides beside them stands; or NULL there */
    struct od_engine_stats *stats;
    struct od_set set;
    struct od_write write;
    struct od_decide_env env;
    bool writes;  /* there was something to write */
    bool repeats; /* an answer tells of success that an earlier transaction wrote */
    /* Taken out of the batch by decide: need another number for a document, and are to be tried
     * again by themselves. */
    struct od_list unnumbered;
};

void od_batch_init(struct od_batch *b);
void od_batch_fini(struct od_batch *b);

void od_batch_begin(struct od_batch *b, struct od_rules *rules, const struct od_row_types *types,
                    struct od_shadow **shadow, struct od_engine_stats *stats);
/* Moves up to max submissions from the queue: one when the first is to be tried alone; never two
 * with the same idempotency key, so that the second finds the first's answer. Returns how many. */
uint32_t od_batch_take(struct od_batch *b, struct od_list *queue, uint32_t max);
/* Stock is to be locked in LOAD; else it is read, and a batch that oversold is refused by the
 * table. A command tried alone, and one that sets stock, locks it in any case. */
void od_batch_lock_stock(struct od_batch *b);
void od_batch_load(struct od_batch *b, struct od_pg_conn *conn); /* sends */
/* Sends the second pipeline of LOAD. False: the batch needs none. */
bool od_batch_load_documents(struct od_batch *b, struct od_pg_conn *conn);
/* Calls each `decided`, but of those that it moves to `unnumbered`. */
void od_batch_decide(struct od_batch *b);
/* Sends; false: nothing to commit. A batch that only repeats earlier successes is committed as well
 * (od_pg_witness), for what it read may not be replicated yet. */
bool od_batch_write(struct od_batch *b, struct od_pg_conn *conn);
/* The database refused a batch of one: true when that is an answer, which `decided` has been given
 * (the number of the order or of its document, or the uuid, is taken). */
bool od_batch_explain(struct od_batch *b, struct od_submission *s, struct od_err *err);
/* Whether the number that is taken is one that the rules made: then another try gets the next.
 * Sends the statements that have its series go on; a sequence does so by itself. */
bool od_batch_skip_numbers(const struct od_submission *s, const struct od_err *err,
                           struct od_pg_conn *conn);
void od_batch_end(
    struct od_batch *b); /* gives the memory back; submissions must have been moved off */

#endif
