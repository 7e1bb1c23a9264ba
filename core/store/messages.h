#ifndef OD_STORE_MESSAGES_H
#define OD_STORE_MESSAGES_H

#include <stdint.h>

#include "base/str.h"
#include "pg/conn.h"

/*
 * Messages of other systems that could not be carried out when they came: their order was not there
 * yet, or was not that far. They are tried again until they can be, or their time is over. Due is
 * by the server's clock, which all processes share. Each function queues one statement; the caller
 * syncs.
 */

/* Keeps one. One that is parked is due after a second. One that waits already stays, with the later
 * reason; one that had failed is kept as it comes now; what was done or discarded stays so. */
struct od_message_kept {
    struct od_str source, sender_id; /* unique together */
    struct od_str headers;           /* JSON */
    struct od_str body;              /* bytes */
    struct od_str state;             /* "parked" or "failed" */
    struct od_str reason;
    int64_t received_at; /* microseconds */
    /* Where it stood, when it came by Kafka: topic absent: it did not. */
    struct od_str topic, key; /* the key's bytes; absent: it has none */
    int32_t partition;
    int64_t offset;
};
/* rows[1]: (message_id int8, state text) */
void od_message_keep_send(struct od_pg_conn *conn, const struct od_message_kept *m,
                          od_pg_on_result *on_result, void *ctx);

/* Takes at most `limit` that are due. Nobody else does for lease_ms. */
enum od_message_due_column {
    OD_MESSAGE_DUE_ID = 0,    /* int8 */
    OD_MESSAGE_DUE_SOURCE,    /* text */
    OD_MESSAGE_DUE_HEADERS,   /* json */
    OD_MESSAGE_DUE_BODY,      /* bytea */
    OD_MESSAGE_DUE_RECEIVED,  /* timestamptz */
    OD_MESSAGE_DUE_TOPIC,     /* text; null: it did not come by Kafka, and so are the next */
    OD_MESSAGE_DUE_PARTITION, /* int4 */
    OD_MESSAGE_DUE_OFFSET,    /* int8 */
    OD_MESSAGE_DUE_KEY,       /* bytea or null */
    OD_MESSAGE_DUE_SENDER_ID, /* text */
};
void od_message_claim_send(struct od_pg_conn *conn, int32_t limit, int64_t lease_ms,
                           od_pg_on_result *on_result, void *ctx);
/* It was carried out, or failed for good: state "done" or "failed". */
void od_message_settle_send(struct od_pg_conn *conn, int64_t message_id, struct od_str state,
                            struct od_str reason);
/* It has to wait on: twice as long as before, at most five minutes; failed when it was received
 * longer ago than keep_ms. */
void od_message_wait_send(struct od_pg_conn *conn, int64_t message_id, struct od_str reason,
                          int64_t keep_ms);

/* The newest first, those before `before` (0: from the newest), of a source and in a state where
 * they are given. */
enum od_message_column {
    OD_MESSAGE_ID = 0,
    OD_MESSAGE_SOURCE,
    OD_MESSAGE_SENDER_ID,
    OD_MESSAGE_STATE,
    OD_MESSAGE_ATTEMPTS, /* int4 */
    OD_MESSAGE_REASON,   /* text or null */
    OD_MESSAGE_RECEIVED, /* timestamptz */
    OD_MESSAGE_NEXT,     /* timestamptz; null unless parked */
    OD_MESSAGE_FINISHED, /* timestamptz or null */
    OD_MESSAGE_BODY,     /* bytea, its first 4 KB */
};
void od_message_list_send(struct od_pg_conn *conn, int64_t before, struct od_str source,
                          struct od_str state, int32_t limit, od_pg_on_result *on_result,
                          void *ctx);
/* A person has it tried again now, or given up. rows: as of the list, none when there is none that
 * is parked or failed. */
void od_message_retry_send(struct od_pg_conn *conn, int64_t message_id, od_pg_on_result *on_result,
                           void *ctx);
void od_message_discard_send(struct od_pg_conn *conn, int64_t message_id,
                             od_pg_on_result *on_result, void *ctx);
/* Those that were settled longer ago than keep_ms go, some at a time. */
void od_message_expire_send(struct od_pg_conn *conn, int64_t keep_ms);
/* rows[1]: (parked int8, failed int8) */
void od_message_count_send(struct od_pg_conn *conn, od_pg_on_result *on_result, void *ctx);

#endif
