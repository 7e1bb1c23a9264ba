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
 * The engine runs commands. It resolves the order that a command names and queues the command on
 * the order's lane. Each lane turns its queue into batches of one transaction each: LOAD (one round
 * trip, or two when documents are issued), decide, WRITE and COMMIT (one round trip). lane.h has
 * the life of a batch. Reads of whole orders go through the lookup, which batches them in the same
 * way without locks.
 */

struct od_loop;
struct od_engine;
struct od_pg_server;

struct od_engine_conf {
    struct od_pg_server *server;
    uint32_t lanes;     /* writer connections, >= 1 */
    uint32_t max_batch; /* commands in one transaction */
    uint32_t max_queue; /* the most commands that wait in all lanes; more are refused */
    int statement_timeout_ms, lock_timeout_ms;
    uint32_t connect_timeout_ms;
    uint32_t answer_timeout_ms; /* the time for an answer of the database; see pg/conn.h */
    struct od_row_types types;  /* of the database */
};

/* The fate of a submission, beside the verdict of decide. */
enum od_outcome_kind {
    OD_OUTCOME_DECIDED = 0,  /* see decision->verdict */
    OD_OUTCOME_REPLAYED,     /* the idempotency key was used before for the same request */
    OD_OUTCOME_KEY_REUSED,   /* the idempotency key was used before for another request */
    OD_OUTCOME_NUMBER_TAKEN, /* the order number (or uuid) exists already */
};

struct od_outcome {
    enum od_outcome_kind kind;
    const struct od_rules *rules;
    const struct od_decision *decision; /* DECIDED: that of the first part, or of the refused one */
    /* The snapshot after the decision; NULL for stock and refusals of PLACE. REPLAYED: the first
     * order as it was at that time, folded from its events. */
    const struct od_order *order;
    struct od_str activities; /* JSON array */
    int32_t ref_id;           /* the number of the part that the command was about; 0: none */
    /* SET_INVENTORY: the location that was set, and the first of all locations of the SKU.
     * REPLAYED: the former is as it was at that time, the others are as they are now. */
    const struct od_stock *stock, *stocks;
    struct od_map *item_stock; /* reads that asked for it: sku -> struct od_stock * */
};

/* An order that a command's decision makes (od_command_kind.makes_order). It is placed in the same
 * transaction, or the command is refused. */
struct od_made {
    struct od_command place;
    struct od_decision *decision;
};

/* Numbers that decide asked for beyond those that a command was sure to need: those of documents by
 * kind, for composites, and the series of the order that it makes. The engine's own. */
struct od_extra_numbers {
    uint32_t of[OD_DOCUMENTS];
    char series[OD_SERIES_MAX + 1]; /* empty: the common one */
    struct od_made *made;           /* NULL: the command makes no order */
};

/* The part of a submission that is about another order. All parts take effect, or none. */
struct od_part {
    const struct od_command *command;
    struct od_order_ref ref; /* unset for PLACE */
    int32_t if_match;        /* version wanted, or 0 */

    /* The engine's. */
    int64_t order_id;
    struct od_extra_numbers extra;
    /* In `decided`: the decision on this order. When a submission is refused, only the refused part
     * has one. */
    struct od_decision *decision;
};
/* In `decided`, for a part that was done: returns the decision whose order is answered. */
const struct od_decision *od_part_answer(const struct od_part *part);

/*
 * A submission is a command on its way. The caller owns it, and everything that it points to, until
 * `done` has been called.
 *
 * `decided` is called when the batch has been decided, so that the answer can be rendered while the
 * database commits. It is called again when the batch had to be repeated; the last call counts. Its
 * argument is gone after the call.
 *
 * `done` is called exactly once, after COMMIT's result. err NULL means that what `decided` was told
 * is true. OD_ERR_UNAVAILABLE: the outcome is unknown or the command was not tried; repeat it with
 * the same key. OD_ERR_AMBIGUOUS and OD_ERR_NOT_FOUND: the reference has two readings, or none
 * (store/names.h). OD_ERR_LIMIT: the queue is full. OD_ERR_DB: the database refused this very
 * command.
 *
 * The engine itself handles a key that was used before for the same request: it reads what was
 * answered at that time, and `decided` is told REPLAYED with it. So a caller needs only `decided`
 * and `done`.
 *
 * With further orders in `more`, all commands are decided in turn in one transaction, in the lane
 * of the first order, and the first refusal undoes them all. Several may be on one order; if_match
 * means the version before the submission. The key stands for the whole: a repetition is answered
 * with the first order, as the submission left it.
 */
struct od_submission {
    struct od_list node;
    const struct od_command *command;
    struct od_order_ref ref;
    int32_t if_match;     /* version wanted, or 0 */
    struct od_part *more; /* [more_count] commands on further orders */
    uint32_t more_count;
    bool dry_run;
    /* [store_count] the stores whose orders exist for it; others, and orders without a store, are
     * not found. NULL: all of them. */
    const struct od_str *stores;
    size_t store_count;
    struct od_str principal;
    struct od_str key; /* Idempotency-Key; absent = none */
    uint8_t request_hash[OD_SHA256];
    /* What gave the command beside its actor, kept with its events: "delivery:42" for that of a
     * hook, "message:stripe:evt_1" for that of a receiver (store/ledger.h). Absent: there is
     * nothing. */
    struct od_str cause;

    void *ctx;
    void (*decided)(void *ctx, const struct od_outcome *outcome);
    void (*done)(void *ctx, const struct od_err *err);

    /* The engine's. */
    uint32_t *waiting; /* how many wait in the queue that it is in; NULL: it is in none */
    bool left;         /* the caller has left: it goes no further than it is */
    int64_t order_id;  /* 0: not resolved, or PLACE */
    int32_t retries;
    /* It must be tried by itself, because its batch failed or it needs another number. */
    bool alone;
    struct od_extra_numbers extra;
    struct od_decision *decision;
    struct od_repeat *repeat; /* its key was used before (repeat.h) */
};

struct od_engine *od_engine_new(struct od_loop *loop, const struct od_engine_conf *conf);
void od_engine_set_rules(struct od_engine *e,
                         struct od_rules *rules); /* takes a reference and drops the old one */
struct od_rules *od_engine_rules(const struct od_engine *e); /* borrowed */
struct od_rules **
od_engine_rules_slot(struct od_engine *e); /* points to the present rules, for the feed */

/* Sets the shadow that decides beside the live rules from the next batch on; NULL: none. The engine
 * frees the one before, and the last one when it stops. */
struct od_shadow;
void od_engine_set_shadow(struct od_engine *e, struct od_shadow *shadow);
struct od_shadow *od_engine_shadow(const struct od_engine *e); /* borrowed; or NULL */

/* Calls back after each commit that wrote events. There is one who watches; NULL: nobody. */
void od_engine_watch(struct od_engine *e, void (*committed)(void *ctx), void *ctx);
/* Calls back for each order that a commit changed, before its commands are done, and for each that
 * a commit of unknown outcome may have changed. There is one who watches; NULL: nobody. */
void od_engine_watch_orders(struct od_engine *e, void (*changed)(void *ctx, int64_t order_id),
                            void *ctx);

void od_engine_submit(struct od_engine *e, struct od_submission *s);
/* The caller has left. A submission that still waits in a queue is dropped, and `done` is called
 * later with OD_ERR_UNAVAILABLE. One that the database knows of already takes its course. */
void od_engine_withdraw(struct od_engine *e, struct od_submission *s);

/*
 * A read of one whole order without locks. With `version` > 0 it is the order as it was at that
 * version, folded from its events. `done` is called once; outcome->order NULL: there is no such
 * order.
 */
struct od_read {
    struct od_list node;
    struct od_order_ref ref;
    int32_t version;
    bool stock; /* read the stock of its items, too: outcome->item_stock */
    void *ctx;
    void (*done)(void *ctx, const struct od_outcome *outcome, const struct od_err *err);
    int64_t order_id;
    struct od_past_order *past; /* the engine's */
};

void od_engine_read(struct od_engine *e, struct od_read *r);

bool od_engine_ready(const struct od_engine *e); /* every connection is up */
/* Says for people why it is not ready; "" when nothing is known. */
const char *od_engine_trouble(const struct od_engine *e);
uint32_t od_engine_pending(const struct od_engine *e); /* submissions and reads that are not done
                                                          yet */

/* Finishes what was submitted, then closes the connections and calls back. Nothing may be submitted
 * afterwards. The engine is freed before the callback. */
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
