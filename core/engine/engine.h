#ifndef OD_ENGINE_ENGINE_H
#define OD_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/list.h"
#include "base/str.h"
#include "engine/rules.h"
#include "order/machine/decide.h"
#include "order/model/limits.h"
#include "order/model/command.h"
#include "store/rows/rows.h"

/*
 * The engine runs commands: it resolves the order they name, queues them on the order's lane, and
 * each lane turns its queue into batches, one transaction each: LOAD (one round trip, two when
 * documents are issued), decide, WRITE and COMMIT (one round trip). See lane.h for the life of a
 * batch. Reads of whole orders go through the lookup, which batches the same way without locks.
 */

struct od_loop;
struct od_engine;
struct od_pg_server;

struct od_engine_conf {
    struct od_pg_server *server;
    uint32_t lanes;     /* writer connections, >= 1 */
    uint32_t max_batch; /* commands in one transaction */
    uint32_t max_queue; /* commands waiting in all lanes; more are refused */
    int statement_timeout_ms, lock_timeout_ms;
    uint32_t connect_timeout_ms;
    uint32_t answer_timeout_ms; /* for an answer of the database; see pg/conn.h */
    struct od_row_types types;  /* of the database */
};

/* What happened to a submission, beyond decide's verdict. */
enum od_outcome_kind {
    OD_OUTCOME_DECIDED = 0,  /* see decision->verdict */
    OD_OUTCOME_REPLAYED,     /* the idempotency key was used before for the same request */
    OD_OUTCOME_KEY_REUSED,   /* …for another request */
    OD_OUTCOME_NUMBER_TAKEN, /* the order number (or uuid) exists already */
};

struct od_outcome {
    enum od_outcome_kind kind;
    const struct od_rules *rules;
    const struct od_decision
        *decision;                /* DECIDED; of several parts the first, or the refused one */
    const struct od_order *order; /* the snapshot after it; NULL for stock and refusals of PLACE.
                                     REPLAYED: the first order as it was then, folded from its
                                     events */
    struct od_str activities;     /* JSON array */
    int32_t ref_id;               /* of the order's part that the command was about; 0: of none */
    /* SET_INVENTORY: the location that was set, and the first of all the SKU's locations. REPLAYED:
     * the former as it was then, the others as they are now. */
    const struct od_stock *stock, *stocks;
    struct od_map *item_stock; /* reads that asked for it: sku -> struct od_stock * */
};

/* An order that a command's decision makes (od_command_kind.makes_order); it is placed in the same
 * transaction or the command is refused. */
struct od_made {
    struct od_command place;
    struct od_decision *decision;
};

/* Numbers that decide asked for beyond those a command was sure to need: of documents (composites),
 * by kind, and the series of an order's that it makes. The engine's. */
struct od_extra_numbers {
    uint32_t of[OD_DOCUMENTS];
    char series[OD_SERIES_MAX + 1]; /* empty: the common one */
    struct od_made *made;           /* NULL: the command makes no order */
};

/* Another order's share of a submission: all parts take effect, or none. */
struct od_part {
    const struct od_command *command;
    struct od_order_ref ref; /* unset for PLACE */
    int32_t if_match;        /* version wanted, or 0 */

    /* The engine's. */
    int64_t order_id;
    struct od_extra_numbers extra;
    struct od_decision *decision; /* in `decided`: what happened to this order; of a refused
                                     submission only the refused part has one */
};
/* In `decided`, of a part that was done: the order it is answered with. */
const struct od_decision *od_part_answer(const struct od_part *part);

/*
 * A command on its way. The caller owns it and everything it points to until `done` has been
 * called. `decided` is called when the batch has been decided (again if it had to be repeated: the
 * last call counts), so that the answer can be rendered while the database commits; what it points
 * to is gone after the call. `done` is called exactly once, after COMMIT's result: err NULL means
 * that what `decided` saw is true. err code OD_ERR_UNAVAILABLE: outcome unknown or not tried, retry
 * with the same key; OD_ERR_AMBIGUOUS and OD_ERR_NOT_FOUND: the reference has two readings, or
 * none (see store/names.h); OD_ERR_LIMIT: the queue is full; OD_ERR_DB: the database refused the
 * command by itself.
 *
 * A key that was used before for the same request is the engine's business: it reads what was
 * answered then, and `decided` is told REPLAYED with it. So `decided` and `done` are all a caller
 * needs.
 *
 * With further orders in `more` all commands are decided in turn in one transaction, in the lane of
 * the first order, and the first refusal undoes them all. Several may be on one order; if_match
 * means the version before the submission. Its key stands for the whole: a repetition is answered
 * with the first order, as the submission left it.
 */
struct od_submission {
    struct od_list node;
    const struct od_command *command;
    struct od_order_ref ref;
    int32_t if_match;     /* version wanted, or 0 */
    struct od_part *more; /* [more_count] commands on further orders, in the same transaction */
    uint32_t more_count;
    bool dry_run;
    struct od_str principal;
    struct od_str key; /* Idempotency-Key; absent = none */
    uint8_t request_hash[OD_SHA256];

    void *ctx;
    void (*decided)(void *ctx, const struct od_outcome *outcome);
    void (*done)(void *ctx, const struct od_err *err);

    /* The engine's. */
    uint32_t *waiting; /* how many wait in the queue that it is in; NULL: it is in none */
    int64_t order_id;  /* 0: not resolved, or PLACE */
    int32_t retries;
    bool alone; /* its batch failed, or it needs another number: to be tried by itself */
    struct od_extra_numbers extra;
    struct od_decision *decision;
    struct od_replay *replay; /* its key was used before; see replay.h */
};

struct od_engine *od_engine_new(struct od_loop *loop, const struct od_engine_conf *conf);
void od_engine_set_rules(struct od_engine *e,
                         struct od_rules *rules); /* takes a reference, drops the old one */
struct od_rules *od_engine_rules(const struct od_engine *e); /* borrowed */
struct od_rules **
od_engine_rules_slot(struct od_engine *e); /* where the current ones stand, for the feed */

/* Decides beside the live rules from the next batch on; NULL: nobody. The engine frees the one
 * before, and the last when it is stopped. */
struct od_shadow;
void od_engine_set_shadow(struct od_engine *e, struct od_shadow *shadow);
struct od_shadow *od_engine_shadow(const struct od_engine *e); /* borrowed; or NULL */

void od_engine_submit(struct od_engine *e, struct od_submission *s);
/* The caller has left. What still waits in a queue is dropped (`done` is called later with
 * OD_ERR_UNAVAILABLE); what the database knows of already takes its course. */
void od_engine_withdraw(struct od_engine *e, struct od_submission *s);

/*
 * Reads one whole order without locks. `version` > 0: as it was at that version, folded from its
 * events. `done` is called once; outcome->order NULL: there is none.
 */
struct od_read {
    struct od_list node;
    struct od_order_ref ref;
    int32_t version;
    bool stock; /* also the stock of its items: outcome->item_stock */
    void *ctx;
    void (*done)(void *ctx, const struct od_outcome *outcome, const struct od_err *err);
    int64_t order_id;
};

void od_engine_read(struct od_engine *e, struct od_read *r);

bool od_engine_ready(const struct od_engine *e); /* every connection is up */
/* Why not, for people; "" when nothing is known. */
const char *od_engine_trouble(const struct od_engine *e);
uint32_t od_engine_pending(const struct od_engine *e); /* submissions and reads not yet done */

/* Finishes what was submitted, then closes the connections and calls back; nothing may be submitted
 * after. The engine is freed before the callback. */
void od_engine_stop(struct od_engine *e, void (*stopped)(void *ctx), void *ctx);

struct od_engine_stats {
    uint64_t batches, commands, retries_alone, aborted;
    uint64_t verdicts[OD_COMMAND_TYPES][OD_VERDICTS];
    uint64_t batch_size[12];               /* histogram by log2 */
    uint64_t load_us, decide_us, write_us; /* sums */
    uint64_t events, reads, replays, withdrawn;
    uint32_t queued, lanes_up, lanes;
};

void od_engine_stats(const struct od_engine *e, struct od_engine_stats *out);

#endif
