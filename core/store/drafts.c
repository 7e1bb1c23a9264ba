#include "store/drafts.h"

#define OWN     "d.uuid, d.body, d.actor, d.created_at, d.updated_at"
#define COLUMNS OWN ", o.order_id, o.order_number, d.placing_until"
#define PLACING "interval '1 minute'"
#define MAY_CHANGE                                                                                 \
    "not exists (select 1 from orders o where o.uuid = d.uuid)"                                    \
    " and (d.placing_until is null or d.placing_until < now()"                                     \
    " or d.placing_until > now() + 2 * " PLACING ")" /* the clock was put back since */

static const uint32_t insert_oids[] = {OD_PG_UUID, OD_PG_JSON, OD_PG_TEXT};
static const struct od_pg_stmt insert_draft = {
    .name = "draft_insert",
    .sql = "insert into draft as d (uuid, body, actor) values ($1, $2, $3)"
           " returning " OWN ", null::int8, null::text, null::timestamptz",
    .nparams = 3,
    .param_oids = insert_oids,
};

static const uint32_t uuid_oids[] = {OD_PG_UUID};
static const struct od_pg_stmt select_draft = {
    .name = "draft_select",
    .sql = "select " COLUMNS " from draft d left join orders o on o.uuid = d.uuid"
           " where d.uuid = $1",
    .nparams = 1,
    .param_oids = uuid_oids,
};

/* uuids are of version 7, so that their order is that of time. */
static const uint32_t list_oids[] = {OD_PG_UUID, OD_PG_BOOL, OD_PG_INT4};
static const struct od_pg_stmt list_drafts = {
    .name = "draft_list",
    .sql = "select " COLUMNS " from draft d left join orders o on o.uuid = d.uuid"
           " where ($1 is null or d.uuid < $1) and (o.order_id is null or not $2)"
           " order by d.uuid desc limit $3",
    .nparams = 3,
    .param_oids = list_oids,
};

static const uint32_t update_oids[] = {OD_PG_UUID, OD_PG_JSON};
static const struct od_pg_stmt update_draft = {
    .name = "draft_update",
    .sql = "update draft d set body = $2, updated_at = now() where d.uuid = $1 and " MAY_CHANGE
           " returning " OWN ", null::int8, null::text, null::timestamptz",
    .nparams = 2,
    .param_oids = update_oids,
};

static const struct od_pg_stmt delete_draft = {
    .name = "draft_delete",
    .sql = "delete from draft d where d.uuid = $1 and " MAY_CHANGE,
    .nparams = 1,
    .param_oids = uuid_oids,
};

/* Long enough for a command to be decided or to time out; for good once the order is there. */
static const struct od_pg_stmt claim_draft = {
    .name = "draft_claim",
    .sql = "update draft set placing_until = clock_timestamp() + " PLACING " where uuid = $1",
    .nparams = 1,
    .param_oids = uuid_oids,
};

static const uint32_t release_oids[] = {OD_PG_UUID, OD_PG_TIMESTAMPTZ};
static const struct od_pg_stmt release_draft = {
    .name = "draft_release",
    .sql = "update draft set placing_until = null where uuid = $1 and placing_until = $2",
    .nparams = 2,
    .param_oids = release_oids,
};

void od_draft_read(const struct od_pg_result *r, int row, struct od_draft *out)
{
    *out = (struct od_draft){
        .body = od_pg_get_text(r, row, 1),
        .actor = od_pg_get_text(r, row, 2),
        .created_at = od_pg_get_time(r, row, 3),
        .updated_at = od_pg_get_time(r, row, 4),
        .order_id = od_pg_is_null(r, row, 5) ? 0 : od_pg_get_i64(r, row, 5),
        .order_number = od_pg_get_text(r, row, 6),
        .placing_until = od_pg_is_null(r, row, 7) ? 0 : od_pg_get_time(r, row, 7),
    };
    od_pg_get_uuid(r, row, 0, &out->uuid);
}

void od_draft_insert_send(struct od_pg_conn *conn, const struct od_uuid *uuid, struct od_str body,
                          struct od_str actor, od_draft_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_uuid(p, uuid);
    od_pg_text(p, body);
    od_pg_text(p, actor);
    od_pg_send(conn, &insert_draft, p, on_result, ctx);
}

void od_draft_select_send(struct od_pg_conn *conn, const struct od_uuid *uuid,
                          od_draft_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_uuid(p, uuid);
    od_pg_send(conn, &select_draft, p, on_result, ctx);
}

void od_draft_list_send(struct od_pg_conn *conn, const struct od_uuid *after, bool open,
                        int32_t limit, od_draft_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_uuid(p, after);
    od_pg_bool(p, open);
    od_pg_i32(p, limit);
    od_pg_send(conn, &list_drafts, p, on_result, ctx);
}

void od_draft_update_send(struct od_pg_conn *conn, const struct od_uuid *uuid, struct od_str body,
                          od_draft_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_uuid(p, uuid);
    od_pg_text(p, body);
    od_pg_send(conn, &update_draft, p, on_result, ctx);
}

void od_draft_delete_send(struct od_pg_conn *conn, const struct od_uuid *uuid,
                          od_draft_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_uuid(p, uuid);
    od_pg_send(conn, &delete_draft, p, on_result, ctx);
}

void od_draft_claim_send(struct od_pg_conn *conn, const struct od_uuid *uuid,
                         od_draft_result *on_result, void *ctx)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_uuid(p, uuid);
    od_pg_send(conn, &claim_draft, p, NULL, NULL);
    od_draft_select_send(conn, uuid, on_result, ctx);
}

void od_draft_release_send(struct od_pg_conn *conn, const struct od_draft *draft)
{
    struct od_pg_params *p = od_pg_params(conn);
    od_pg_uuid(p, &draft->uuid);
    od_pg_time(p, draft->placing_until);
    od_pg_send(conn, &release_draft, p, NULL, NULL);
}
