#include "store/feed/targets.h"

#include "store/rows/members.h"

/* The class of the advisory locks; the target's id is the other half. */
#define LOCK_CLASS "710113"

static const uint32_t names_oids[] = {OD_PG_TEXT_ARRAY};
const struct od_pg_stmt od_register_targets = {
    .name = "target_register",
    .sql = "insert into target (name) select name from unnest($1) as u (name)"
           " on conflict (name) do nothing",
    .nparams = 1,
    .param_oids = names_oids,
};

static const uint32_t look_oids[] = {OD_PG_TEXT_ARRAY, OD_PG_TEXT_ARRAY};
const struct od_pg_stmt od_look_at_targets = {
    .name = "target_look",
    .sql = "select t.name, case when t.name = any($2) then true"
           " else pg_try_advisory_lock(" LOCK_CLASS ", t.target_id) end,"
           " t.paused_at is not null, t.disabled_at is not null,"
           " coalesce((extract(epoch from now() - t.failing_since) * 1000)::int8, -1),"
           " coalesce((select greatest((extract(epoch from now() - d.next_at) * 1000)::int8, 0)"
           " from delivery d where d.target_name = t.name and d.state = 'queued'"
           " order by d.next_at, d.delivery_id limit 1), 0),"
           " (select version from target_version) from target t where t.name = any($1)",
    .nparams = 2,
    .param_oids = look_oids,
};

void od_target_row_read(const struct od_pg_result *r, int row, struct od_target_row *out)
{
    *out = (struct od_target_row){
        .name = od_pg_get_text(r, row, 0),
        .owned = od_pg_get_bool(r, row, 1),
        .paused = od_pg_get_bool(r, row, 2),
        .disabled = od_pg_get_bool(r, row, 3),
        .failing_ms = od_pg_get_i64(r, row, 4),
        .overdue_ms = od_pg_get_i64(r, row, 5),
        .version = od_pg_get_i64(r, row, 6),
    };
}

static const uint32_t ms_oids[] = {OD_PG_INT8, OD_PG_INT8};
const struct od_pg_stmt od_end_target_owners = {
    .name = "target_end_owners",
    .sql = "select a.pid from pg_stat_activity a, lateral pg_terminate_backend(a.pid) ended"
           " where a.pid in (select pid from pg_locks where locktype = 'advisory'"
           " and classid = " LOCK_CLASS " and objsubid = 2 and granted and database ="
           " (select oid from pg_database where datname = current_database()))"
           " and a.pid <> pg_backend_pid() and ended"
           " and a.state_change < now() - case when a.state = 'idle' then $2 else $1 end"
           " * interval '1 ms'"
           " and a.wait_event is distinct from 'SyncRep'",
    .nparams = 2,
    .param_oids = ms_oids,
};

const struct od_pg_stmt od_release_targets = {
    .name = "target_release",
    .sql = "select pg_advisory_unlock_all()",
};

static const uint32_t name_oids[] = {OD_PG_TEXT};
const struct od_pg_stmt od_target_fails = {
    .name = "target_fails",
    .sql = "update target set failing_since = coalesce(failing_since, now()) where name = $1",
    .nparams = 1,
    .param_oids = name_oids,
};
const struct od_pg_stmt od_target_works = {
    .name = "target_works",
    .sql = "update target set failing_since = null where name = $1",
    .nparams = 1,
    .param_oids = name_oids,
};

/* A change of one row becomes an entry of the history, and every process is told of it. */
#define TOLD(change, what, actor, reason)                                                          \
    "with changed as (" change " returning name), noted as (insert into target_history"            \
    " (name, what, actor, reason) select name, " what ", " actor ", " reason " from changed)"      \
    " select pg_notify('" OD_TARGETS_CHANNEL "', '') from changed"

static const uint32_t two_oids[] = {OD_PG_TEXT, OD_PG_TEXT};
static const uint32_t disable_oids[] = {OD_PG_TEXT, OD_PG_TEXT, OD_PG_TEXT, OD_PG_JSON};
const struct od_pg_stmt od_disable_target = {
    .name = "target_disable",
    .sql = "with changed as (update target set disabled_at = now(), disabled_reason = $2"
           " where name = $1 and disabled_at is null returning name), noted as (insert into"
           " target_history (name, what, reason) select name, 'disabled', $2 from changed),"
           " told as (insert into delivery (order_id, seq, topic, intent, kind, target, name,"
           " payload, bundle_id, state, target_name) select 0, 0, 'target.disabled',"
           " (nextval(pg_get_serial_sequence('delivery', 'delivery_id')) % 2147483647)::int4,"
           " 'notify', o.name, 'target.disabled', $4, 0, 'queued', o.name from target o, changed"
           " where o.name = $3 and o.name <> changed.name)"
           " select pg_notify('" OD_TARGETS_CHANNEL "', '') from changed",
    .nparams = 4,
    .param_oids = disable_oids,
};

const struct od_pg_stmt od_pause_target = {
    .name = "target_pause",
    .sql = TOLD("update target set paused_at = coalesce(paused_at, now()), paused_by = $2"
                " where name = $1",
                "'paused'", "$2", "null"),
    .nparams = 2,
    .param_oids = two_oids,
};
const struct od_pg_stmt od_resume_target = {
    .name = "target_resume",
    .sql = TOLD("update target set paused_at = null, paused_by = null, disabled_at = null,"
                " disabled_reason = null, failing_since = null where name = $1",
                "'resumed'", "$2", "null"),
    .nparams = 2,
    .param_oids = two_oids,
};

/* ---- settings */

const struct od_pg_stmt od_select_settings = {
    .name = "target_select_all_settings",
    .sql = "select v.version, t.name, t.settings from target_version v"
           " left join target t on t.settings is not null order by t.name collate \"C\"",
};
const struct od_pg_stmt od_select_targets_version = {
    .name = "target_select_version",
    .sql = "select version from target_version",
};
const struct od_pg_stmt od_select_target_settings = {
    .name = "target_select_settings",
    .sql = "select settings, revision from target where name = $1",
    .nparams = 1,
    .param_oids = name_oids,
};
const struct od_pg_stmt od_lock_settings = {
    .name = "target_lock_settings",
    .sql = "update target_version set version = version + 1",
};

static const uint32_t create_oids[] = {OD_PG_TEXT, OD_PG_JSON, OD_PG_INT8, OD_PG_TEXT};
const struct od_pg_stmt od_insert_settings = {
    .name = "target_insert_settings",
    .sql = TOLD("insert into target as t (name, settings) select $1, $2"
                " where (select count(*) from target where settings is not null) < $3"
                " on conflict (name) do update set settings = excluded.settings,"
                " revision = t.revision + 1 where t.settings is null",
                "'created'", "$4", "null"),
    .nparams = 4,
    .param_oids = create_oids,
};

static const uint32_t change_oids[] = {OD_PG_TEXT, OD_PG_JSON, OD_PG_INT4, OD_PG_TEXT, OD_PG_TEXT};
const struct od_pg_stmt od_update_settings = {
    .name = "target_update_settings",
    .sql = TOLD("update target set settings = $2, revision = revision + 1"
                " where name = $1 and revision = $3 and settings is not null",
                "$5", "$4", "null"),
    .nparams = 5,
    .param_oids = change_oids,
};
const struct od_pg_stmt od_delete_target = {
    .name = "target_delete",
    .sql = TOLD("delete from target where name = $1 and settings is not null", "'deleted'", "$2",
                "null"),
    .nparams = 2,
    .param_oids = two_oids,
};

static const uint32_t cancel_oids[] = {OD_PG_TEXT, OD_PG_INT4};
const struct od_pg_stmt od_cancel_deliveries = {
    .name = "delivery_cancel",
    .sql = "with gone as (update delivery set state = 'failed',"
           " last_error = 'cancelled: its target was deleted'"
           " where delivery_id = any(array(select delivery_id from delivery"
           " where target_name = $1 and state = 'queued' order by next_at, delivery_id limit $2"
           " for update)) returning 1) select count(*) from gone",
    .nparams = 2,
    .param_oids = cancel_oids,
};

static const uint32_t history_oids[] = {OD_PG_TEXT, OD_PG_INT8, OD_PG_INT4};
const struct od_pg_stmt od_select_target_history = {
    .name = "target_select_history",
    .sql = "select entry_id, at, what, actor, reason from target_history where name = $1"
           " and ($2 is null or entry_id < $2) order by entry_id desc limit $3",
    .nparams = 3,
    .param_oids = history_oids,
};

void od_target_entry_write(struct od_json_writer *w, const struct od_pg_result *r, int row)
{
    static const struct od_member members[] = {
        {"entryId", OD_MEMBER_I64}, {"at", OD_MEMBER_TIME},     {"what", OD_MEMBER_TEXT},
        {"actor", OD_MEMBER_TEXT},  {"reason", OD_MEMBER_TEXT},
    };
    od_members_write(w, r, row, 0, members, sizeof members / sizeof *members);
}

/* Counts end at 10,000, which says enough of a backlog. */
const struct od_pg_stmt od_select_targets = {
    .name = "target_select",
    .sql = "select t.name, case when t.disabled_at is not null then 'disabled'"
           " when t.paused_at is not null then 'paused' else 'active' end, t.paused_at, "
           "t.paused_by, t.failing_since, t.disabled_at,"
           " t.disabled_reason, (select count(*) from (select from delivery d"
           " where d.target_name = t.name and d.state = 'queued' limit 10000) n),"
           " (select min(d.created_at) from (select created_at from delivery d"
           " where d.target_name = t.name and d.state = 'queued' order by d.next_at limit 100) d), "
           "t.created_at, t.revision"
           " from target t where $1 is null or t.name = $1 order by t.name collate \"C\"",
    .nparams = 1,
    .param_oids = name_oids,
};

struct od_str od_target_state_name(const struct od_pg_result *r, int row)
{
    return od_pg_get_text(r, row, 0);
}

static const struct od_member state_members[] = {
    {"state", OD_MEMBER_TEXT},          {"pausedAt", OD_MEMBER_TIME},
    {"pausedBy", OD_MEMBER_TEXT},       {"failingSince", OD_MEMBER_TIME},
    {"disabledAt", OD_MEMBER_TIME},     {"disabledReason", OD_MEMBER_TEXT},
    {"queued", OD_MEMBER_I64}, /* 10000: as many or more */
    {"oldestQueuedAt", OD_MEMBER_TIME}, {"createdAt", OD_MEMBER_TIME},
    {"revision", OD_MEMBER_I32},
};

void od_target_state_read(const struct od_pg_result *r, int row, struct od_target_state *out)
{
    *out = (struct od_target_state){
        .state = od_pg_get_text(r, row, 1),
        .paused_by = od_pg_get_text(r, row, 3),
        .failing_since = od_pg_is_null(r, row, 4) ? 0 : od_pg_get_time(r, row, 4),
        .disabled_reason = od_pg_get_text(r, row, 6),
        .queued = od_pg_get_i64(r, row, 7),
        .oldest_queued_at = od_pg_is_null(r, row, 8) ? 0 : od_pg_get_time(r, row, 8),
    };
}

void od_target_state_write(struct od_json_writer *w, const struct od_pg_result *r, int row)
{
    od_members_write(w, r, row, 1, state_members, sizeof state_members / sizeof *state_members);
}
