#ifndef OD_STORE_LOAD_LOAD_H
#define OD_STORE_LOAD_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "order/machine/decide.h"
#include "order/model/model.h"
#include "pg/conn.h"
#include "store/load/numbers.h"

/*
 * LOAD reads everything that a batch touches, set-wise and in one pipeline. A batch that issues
 * documents needs two, because the rules say with the order at hand which series a document is
 * numbered in. Locks are always taken in the same order: orders by order_id, series of orders by
 * name, series of documents by name, stock by sku and location. So lanes and processes cannot
 * deadlock. The want functions fill a set. It is sent once, and is complete when its pipeline's
 * sync has come.
 */

/* An order is loaded with only its latest comments, so that an order with thousands of them costs a
 * command no more than any other. od_ledger_activities pages through all. */
enum { OD_ACTIVITIES_SHOWN = 50 };

struct od_loaded {
    int64_t order_id;
    struct od_order *order;   /* NULL: there is no such order */
    struct od_str activities; /* JSON array in the API's form: the latest comments, oldest first */
    uint32_t activity_count;  /* how many it has, at most OD_ACTIVITIES_SHOWN */
    bool behind;     /* locked, and last written by a transaction with a later id than this one's */
    int32_t version; /* as it was loaded */
};

/* A row of idempotency_key. */
struct od_key_row {
    struct od_str principal, key, request_hash;
    int64_t order_id; /* 0: it was an inventory command */
    int32_t version;
    struct od_str command;
    int32_t ref_id;
    struct od_str sku, location;
    int64_t on_hand, reserved;
};

struct od_set {
    struct od_arena *arena;
    struct od_loaded **orders; /* in the order in which they were wanted */
    size_t order_count, order_cap;
    struct od_map orders_by_id;
    const struct od_shop *shop; /* has the locations of stock; NULL: there is one */
    /* sku -> struct od_stock *, the first of its locations. It has the wanted SKUs and those of the
     * orders' items. */
    struct od_map stock;
    struct od_str *skus;
    size_t sku_count, sku_cap;
    struct od_str *principals, *keys; /* wanted keys, pairwise */
    size_t key_count, principal_cap, key_cap;
    struct od_key_row *key_rows;
    size_t key_row_count;
    struct od_numbers numbers; /* for the orders that are placed, and for documents */
    bool locked;               /* orders are locked, not only read */
    /* False: stock is only read, and the table checks the differences that WRITE sends. */
    bool lock_stock;
    /* Kinds of parts that nobody asks for, as bits 1 << enum od_entity_kind: they are not read.
     * Their owners need not be left out, but parts of what is left out must be. OD_ENTITY_ORDER
     * stands for the comments. */
    uint32_t left_out;
    bool stock_of_orders;  /* read the stock of the wanted orders' tracked items, too */
    bool stock_of_changes; /* and the stock of lines that their proposed changes add */
    /* Numbers for documents are asked for when the orders are there, so stock and keys wait for the
     * second pipeline. */
    bool documents;
};

void od_set_init(struct od_set *s, struct od_arena *arena);
void od_set_fini(struct od_set *s); /* frees the maps; the rest belongs to the arena */

struct od_loaded *od_set_want_order(struct od_set *s, int64_t order_id); /* once per id */
void od_set_want_sku(struct od_set *s, struct od_str sku);
void od_set_want_key(struct od_set *s, struct od_str principal, struct od_str key);

struct od_loaded *od_set_order(const struct od_set *s, int64_t order_id); /* or NULL */
const struct od_key_row *od_set_key(const struct od_set *s, struct od_str principal,
                                    struct od_str key);

/* Sends the statements, without begin and sync. Results arrive before the sync that the caller
 * sends, which also gets the errors. */
void od_set_send(struct od_set *s, struct od_pg_conn *conn, bool lock);

/* Sends the second pipeline of a set with `documents`: the numbers, which were wanted meanwhile,
 * stock and keys. */
void od_set_send_documents(struct od_set *s, struct od_pg_conn *conn);

/* Adds an activity to a loaded order's JSON, as reads would show it. */
void od_loaded_add_activity(struct od_loaded *l, struct od_arena *a, const struct od_event *e);

/* The latest activities of one order up to a version, in rows as below: $1 order_id int8, $2
 * version int4. And such rows from `from` to before `end` as od_loaded.activities. */
extern const struct od_pg_stmt od_select_activities_at;
struct od_str od_activities_json(const struct od_pg_result *r, int from, int end,
                                 struct od_arena *a);

/* An activity of a row (order_id int8, seq int4, at timestamptz, actor text or null, comment text,
 * customer_notified bool), as the API shows it. */
struct od_json_writer;
void od_activity_row_write(struct od_json_writer *w, const struct od_pg_result *r, int row);

#endif
