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
 * A batch is the submissions of one transaction, from the moment they leave the queue until they
 * are answered. It holds the rows that it loads, the decisions and the rows that it writes. It owns
 * the arena in which all of that lives, and pins the rules that decide it. The lane drives it.
 */
struct od_batch {
    struct od_arena arena;
    struct od_list submissions;
    uint32_t count;
    struct od_rules *rules;    /* counted */
    struct od_shadow **shadow; /* points to the shadow that decides beside them, or to NULL */
    struct od_engine_stats *stats;
    struct od_set set;
    struct od_write write;
    struct od_decide_env env;
    bool writes; /* there is something to write */
    /* An answer tells of a success that an earlier transaction wrote. */
    bool repeats;
    /* Submissions that decide took out of the batch, because they need another number for a
     * document. Each is tried again by itself. */
    struct od_list unnumbered;
};

void od_batch_init(struct od_batch *b);
void od_batch_fini(struct od_batch *b);

void od_batch_begin(struct od_batch *b, struct od_rules *rules, const struct od_row_types *types,
                    struct od_shadow **shadow, struct od_engine_stats *stats);
/* Moves up to max submissions from the queue and returns how many. It moves only one when the first
 * must be tried alone. It never moves two with the same idempotency key, so that the second finds
 * the answer of the first. */
uint32_t od_batch_take(struct od_batch *b, struct od_list *queue, uint32_t max);
/* Makes LOAD lock the stock. Without it LOAD reads stock without locks, and the table's constraint
 * refuses a batch that oversells. A command that is tried alone, and one that sets stock, locks it
 * in any case. */
void od_batch_lock_stock(struct od_batch *b);
void od_batch_load(struct od_batch *b, struct od_pg_conn *conn); /* sends */
/* Sends the second pipeline of LOAD. False: the batch needs no second pipeline. */
bool od_batch_load_documents(struct od_batch *b, struct od_pg_conn *conn);
/* Decides each submission and calls its `decided`, unless it moves the submission to
 * `unnumbered`. */
void od_batch_decide(struct od_batch *b);
/* Sends WRITE. False: there is nothing to commit. A batch that only repeats earlier successes is
 * committed as well (od_pg_witness), because what it read may not be replicated yet. */
bool od_batch_write(struct od_batch *b, struct od_pg_conn *conn);
/* The database refused a batch of one. True: that is an answer, and `decided` has been told: the
 * uuid, the order number or the document's number is taken. */
bool od_batch_explain(struct od_batch *b, struct od_submission *s, struct od_err *err);
/* True when the rules made the number that is taken, so that another try gets the next one. It
 * sends the statements that move the series on; a sequence moves on by itself. */
bool od_batch_skip_numbers(const struct od_submission *s, const struct od_err *err,
                           struct od_pg_conn *conn);
/* Gives the memory back. The submissions must have been moved off. */
void od_batch_end(struct od_batch *b);

#endif
