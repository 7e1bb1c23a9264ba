#ifndef OD_RULES_TRIAL_REPLAY_H
#define OD_RULES_TRIAL_REPLAY_H

#include <stdio.h>

#include "rules/trial/replay_meter.h"
#include "rules/trial/replay_report.h"
#include "engine/rules.h"
#include "pg/conn.h"

/*
 * `orderd replay` runs rules over every order of the ledger in one snapshot of the database. It
 * writes nothing and locks nothing. The memory that it takes does not depend on the number of
 * orders.
 */

struct od_replay_options {
    int64_t since; /* microseconds: only orders with events since then; 0: all */
    int64_t until; /* microseconds: as if no event had come since; 0: take all */
    uint32_t questions;
    bool hooks;
    enum od_replay_progress progress;
    FILE *progress_out;
};

/* The session SQL of every connection that a replay uses. */
extern const char *const od_replay_setup[];

/* Fills the report's counts and groups. The caller fills its header. */
int od_replay_run(struct od_pg_conn *conn, struct od_rules *base, struct od_rules *candidate,
                  const struct od_replay_options *options, struct od_replay_report *report,
                  struct od_err *err) OD_MUST_CHECK;

#endif
