#ifndef OD_RULES_TRIAL_REPLAY_H
#define OD_RULES_TRIAL_REPLAY_H

#include <stdio.h>

#include "rules/trial/replay_meter.h"
#include "rules/trial/replay_report.h"
#include "engine/rules.h"
#include "pg/conn.h"

/*
 * `orderd replay`: rules over the ledger, every order of it, under one snapshot of the database.
 * Nothing is written and nothing locked; what it takes of memory does not depend on how many orders
 * there are.
 */

struct od_replay_options {
    int64_t since; /* microseconds; only orders with events since then; 0: all */
    int64_t until; /* events from then on did not happen; 0: all did */
    uint32_t questions;
    bool hooks;
    enum od_replay_progress progress;
    FILE *progress_out;
};

/* What every connection that a replay uses is set up with. */
extern const char *const od_replay_setup[];

/* Fills the report's counts and groups; its header is the caller's. */
int od_replay_run(struct od_pg_conn *conn, struct od_rules *base, struct od_rules *candidate,
                  const struct od_replay_options *options, struct od_replay_report *report,
                  struct od_err *err) OD_MUST_CHECK;

#endif
