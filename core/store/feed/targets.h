#ifndef OD_STORE_FEED_TARGETS_H
#define OD_STORE_FEED_TARGETS_H

#include "base/str.h"
#include "pg/conn.h"

/*
 * Rows of `target`: what lasts of a target beside its configuration. One process at a time carries
 * out a target's deliveries. It is whoever has the target's advisory lock, which lasts as long as
 * its session.
 */

/* $1 names text[]. Makes rows for targets that have none. */
extern const struct od_pg_stmt od_register_targets;

/* Whoever changes a target's settings or state tells every process on this channel. */
#define OD_TARGETS_CHANNEL "orderd_targets"

struct od_target_row {
    struct od_str name;
    bool owned; /* this session has its lock, since now or before */
    bool paused, disabled;
    int64_t failing_ms; /* since its first failure in a row; -1: it does not fail */
    int64_t overdue_ms; /* of its first delivery that is due; 0: there is none */
    int64_t version;    /* of all targets' settings (od_select_settings) */
};
void od_target_row_read(const struct od_pg_result *r, int row, struct od_target_row *out);

/* $1 names text[] this process has configured, $2 those whose lock it has. Takes the locks of the
 * others where they are free. rows: one for each name, for od_target_row_read. */
extern const struct od_pg_stmt od_look_at_targets;

/* $1 int8 ms, $2 int8 ms. Ends the sessions that have the lock of a target and have been in the
 * same state for $1, or idle for $2, but for those that wait for a standby. rows: (pid int4) */
extern const struct od_pg_stmt od_end_target_owners;

/* Gives back every lock of this session. */
extern const struct od_pg_stmt od_release_targets;

/* $1 name. The target's first failure since a success; its first success since a failure. */
extern const struct od_pg_stmt od_target_fails, od_target_works;
/* $1 name, $2 reason, $3 the name of the target that tells the operator, $4 what it is sent json.
 * Disables the target, notes that in its history, and tells every process and, where there is such
 * a target and it is another, the operator. rows[0 or 1]: no columns; no row: it is disabled
 * already. */
extern const struct od_pg_stmt od_disable_target;

/* ---- settings that the API keeps in the database */

/* The version grows with each change. rows[≥ 1]: (version int8, name text, settings json), name and
 * settings null in the only row when there are none; by name. */
extern const struct od_pg_stmt od_select_settings;
/* rows[1]: (version int8) */
extern const struct od_pg_stmt od_select_targets_version;
/* $1 name. rows[0 or 1]: (settings json or null, revision int4) */
extern const struct od_pg_stmt od_select_target_settings;
/* Raises the version, and makes others who change settings wait until this transaction ends. It is
 * sent before each of the next three, without a sync in between. */
extern const struct od_pg_stmt od_lock_settings;
/* $1 name, $2 settings json, $3 the most targets that may have settings int8, $4 actor. rows[0 or
 * 1]: no columns. No row: there is a target of that name that has settings, or there are too many.
 */
extern const struct od_pg_stmt od_insert_settings;
/* $1 name, $2 settings json, $3 the revision that is known int4, $4 actor, $5 what the history
 * calls it text. rows[0 or 1]: no columns. No row: it has another revision. */
extern const struct od_pg_stmt od_update_settings;
/* $1 name, $2 actor. rows[0 or 1]: no columns. Its history and deliveries stay. */
extern const struct od_pg_stmt od_delete_target;
/* $1 target name, $2 limit int4. Deliveries that wait become failed. rows[1]: (count int8) */
extern const struct od_pg_stmt od_cancel_deliveries;
/* $1 name, $2 before int8 or null, $3 limit int4. rows, the newest first: (entry_id int8, …) for
 * od_target_entry_write. */
extern const struct od_pg_stmt od_select_target_history;

/* For people. $1 name, $2 actor. rows[0 or 1]: no columns. To resume ends being disabled, too. */
extern const struct od_pg_stmt od_pause_target, od_resume_target;
/* $1 name or null. rows, by name: for od_target_state_write. */
extern const struct od_pg_stmt od_select_targets;
struct od_json_writer;
struct od_str od_target_state_name(const struct od_pg_result *r, int row);
enum { OD_TARGET_QUEUED_MAX = 10000 }; /* queued is counted as far as this */
struct od_target_state {
    struct od_str state; /* active, paused or disabled */
    struct od_str paused_by, disabled_reason;
    int64_t queued, oldest_queued_at, failing_since; /* times: 0 for none */
};
void od_target_state_read(const struct od_pg_result *r, int row, struct od_target_state *out);
void od_target_state_write(struct od_json_writer *w, const struct od_pg_result *r, int row);
void od_target_entry_write(struct od_json_writer *w, const struct od_pg_result *r, int row);

#endif
