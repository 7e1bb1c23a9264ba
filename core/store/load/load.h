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
 * LOAD: everything a batch touches, read set-wise in one pipeline, or in two when it issues
 * documents: which series those are numbered in is asked with the orders at hand. With locks,
 * orders are locked in order of order_id, then the orders' series of numbers and then the
 * documents', each in order of their names, then stock in order of sku and location, always, so
 * that lanes and processes cannot deadlock. A set is filled by want_*, sent once, and complete when
 * its pipeline's sync has come.
 */

/* An order is loaded with its latest comments, so that one with thousands costs a command what any
 * other does; od_ledger_activities pages through all. */
enum { OD_ACTIVITIES_SHOWN = 50 };

struct od_loaded {
    int64_t order_id;
    struct od_order *order;   /* NULL: no such order */
    struct od_str activities; /* JSON array in the API's form: the latest comments, oldest first */
    uint32_t activity_count;  /* in it, at most OD_ACTIVITIES_SHOWN */
    bool behind;     /* locked, and last written by a transaction with a later id than this one's */
    int32_t version; /* as it was loaded */
};

/* A row of idempotency_key. */
struct od_key_row {
    struct od_str principal, key, request_hash;
    int64_t order_id; /* 0: an inventory command */
    int32_t version;
    struct od_str command;
    int32_t ref_id;
    struct od_str sku, location;
    int64_t on_hand, reserved;
};

struct od_set {
    struct od_arena *arena;
    struct od_loaded **orders; /* as wanted */
    size_t order_count, order_cap;
    struct od_map orders_by_id;
    const struct od_trade *trade; /* the locations of stock; NULL: one */
    struct od_map stock; /* sku -> struct od_stock *, the first of its locations: wanted ones and
                            those of the orders' items */
    struct od_str *skus;
    size_t sku_count, sku_cap;
    struct od_str *principals, *keys; /* wanted keys, pairwise */
    size_t key_count, principal_cap, key_cap;
    struct od_key_row *key_rows;
    size_t key_row_count;
    struct od_numbers numbers; /* for the orders to be placed, and documents */
    bool locked;               /* orders are locked, not only read */
    bool lock_stock; /* else stock is read, and the table checks the differences that WRITE sends */
    bool stock_of_orders;  /* also the stock of the wanted orders' tracked items */
    bool stock_of_changes; /* with those: of what their proposed changes add */
    bool documents;        /* numbers for documents are wanted when the orders are there: stock and
                              keys wait for the second pipeline */
};

void od_set_init(struct od_set *s, struct od_arena *arena);
void od_set_fini(struct od_set *s); /* the maps; the rest is the arena's */

struct od_loaded *od_set_want_order(struct od_set *s, int64_t order_id); /* once per id */
void od_set_want_sku(struct od_set *s, struct od_str sku);
void od_set_want_key(struct od_set *s, struct od_str principal, struct od_str key);

struct od_loaded *od_set_order(const struct od_set *s, int64_t order_id); /* or NULL */
const struct od_key_row *od_set_key(const struct od_set *s, struct od_str principal,
                                    struct od_str key);

/* Sends the statements (no begin, no sync). Results arrive before the sync that the caller sends;
 * errors are reported to the sync. */
void od_set_send(struct od_set *s, struct od_pg_conn *conn, bool lock);

/* The second pipeline of a set with `documents`: their numbers, which were wanted meanwhile, stock
 * and keys. */
void od_set_send_documents(struct od_set *s, struct od_pg_conn *conn);

/* Adds one activity to a loaded order's JSON, as the reads would show it. */
void od_loaded_add_activity(struct od_loaded *l, struct od_arena *a, const struct od_event *e);

/* An activity of a row (order_id int8, seq int4, at timestamptz, actor text or null, comment text,
 * customer_notified bool), as the API shows it. */
struct od_json_writer;
void od_activity_row_write(struct od_json_writer *w, const struct od_pg_result *r, int row);

#endif
