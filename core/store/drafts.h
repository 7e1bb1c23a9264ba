#ifndef OD_STORE_DRAFTS_H
#define OD_STORE_DRAFTS_H

#include <stdbool.h>

#include "base/str.h"
#include "base/uuid.h"
#include "pg/conn.h"

/*
 * Drafts are orders that are being prepared. A draft becomes the order with its uuid, of which
 * there can be only one. From then on the draft does not change any more.
 */

struct od_draft {
    struct od_uuid uuid;
    struct od_str body, actor; /* borrowed from the result; body is a JSON text */
    int64_t created_at, updated_at;
    int64_t order_id; /* 0: it is not placed */
    struct od_str order_number;
    int64_t placing_until; /* until then it is claimed for placing; 0: it is not claimed */
};

typedef void od_draft_result(void *ctx, const struct od_pg_result *r, const struct od_err *err);

/* Reads a row of any of these results but od_draft_delete_send's. */
void od_draft_read(const struct od_pg_result *r, int row, struct od_draft *out);

/* Each of these sends one statement. The caller syncs after it. */
void od_draft_insert_send(struct od_pg_conn *conn, const struct od_uuid *uuid, struct od_str body,
                          struct od_str actor, od_draft_result *on_result, void *ctx);
void od_draft_select_send(struct od_pg_conn *conn, const struct od_uuid *uuid,
                          od_draft_result *on_result, void *ctx);
/* Lists drafts, the newest first. after: begin behind that one, or NULL. open: leave out those that
 * were placed. */
void od_draft_list_send(struct od_pg_conn *conn, const struct od_uuid *after, bool open,
                        int32_t limit, od_draft_result *on_result, void *ctx);
/* No row: there is no such draft, it was placed, or it is being placed. */
void od_draft_update_send(struct od_pg_conn *conn, const struct od_uuid *uuid, struct od_str body,
                          od_draft_result *on_result, void *ctx);
/* No affected row means the same. */
void od_draft_delete_send(struct od_pg_conn *conn, const struct od_uuid *uuid,
                          od_draft_result *on_result, void *ctx);
/* Claims the draft for a minute, in which only the holder of the claim may place it. The row is as
 * after that. */
void od_draft_claim_send(struct od_pg_conn *conn, const struct od_uuid *uuid,
                         od_draft_result *on_result, void *ctx);
/* Releases the claim, because the draft was not placed. It does nothing when somebody else has
 * claimed the draft since. */
void od_draft_release_send(struct od_pg_conn *conn, const struct od_draft *draft);

#endif
