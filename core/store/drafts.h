#ifndef OD_STORE_DRAFTS_H
#define OD_STORE_DRAFTS_H

#include <stdbool.h>

#include "base/str.h"
#include "base/uuid.h"
#include "pg/conn.h"

/*
 * Drafts: orders that are being prepared. A draft becomes the order of its uuid, of which there can
 * be one only; from then on it does not change any more.
 */

struct od_draft {
    struct od_uuid uuid;
    struct od_str body, actor; /* borrowed from the result; body is JSON */
    int64_t created_at, updated_at;
    int64_t order_id; /* 0: not placed */
    struct od_str order_number;
    int64_t placing_until; /* whoever places it has claimed it; 0: nobody, or that was released */
};

typedef void od_draft_result(void *ctx, const struct od_pg_result *r, const struct od_err *err);

/* A row of any of these results but od_draft_delete_send's. */
void od_draft_read(const struct od_pg_result *r, int row, struct od_draft *out);

/* The caller syncs after each. */
void od_draft_insert_send(struct od_pg_conn *conn, const struct od_uuid *uuid, struct od_str body,
                          struct od_str actor, od_draft_result *on_result, void *ctx);
void od_draft_select_send(struct od_pg_conn *conn, const struct od_uuid *uuid,
                          od_draft_result *on_result, void *ctx);
/* The newest first; after: behind that one, or NULL. open: without those that were placed. */
void od_draft_list_send(struct od_pg_conn *conn, const struct od_uuid *after, bool open,
                        int32_t limit, od_draft_result *on_result, void *ctx);
/* No row: there is no such draft, or it was placed, or that is under way. */
void od_draft_update_send(struct od_pg_conn *conn, const struct od_uuid *uuid, struct od_str body,
                          od_draft_result *on_result, void *ctx);
/* affected 0: the same. */
void od_draft_delete_send(struct od_pg_conn *conn, const struct od_uuid *uuid,
                          od_draft_result *on_result, void *ctx);
/* Claims it for a minute, in which only the claim's holders may place it; the row is as after that.
 */
void od_draft_claim_send(struct od_pg_conn *conn, const struct od_uuid *uuid,
                         od_draft_result *on_result, void *ctx);
/* It was not placed. Does nothing when somebody else has claimed it since. */
void od_draft_release_send(struct od_pg_conn *conn, const struct od_draft *draft);

#endif
