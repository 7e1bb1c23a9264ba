#ifndef OD_RULES_TRIAL_REPLAY_REPORT_H
#define OD_RULES_TRIAL_REPLAY_REPORT_H

#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "rules/trial/history/replay.h"
#include "script/bundle/bundle.h"

/*
 * Adds up what a replay finds. Differences of one kind with the same statuses, code and policy are
 * one group, with a few orders as samples. The report's size does not depend on the number of
 * orders.
 */

struct od_replay_sample {
    int64_t order_id;
    struct od_str order_number;
    int32_t seq;
    struct od_str old, new_; /* the two numbers; absent for other differences */
};

struct od_replay_tally {
    uint64_t count, orders; /* the differences, and the orders that have them */
    int64_t last_order;
    struct od_replay_sample *samples;
    uint32_t sample_count;
};

struct od_replay_group {
    enum od_replay_difference kind;
    enum od_status_kind status_kind;
    bool has_status;
    struct od_str old, new_, policy, reason; /* reason: that of the first difference */
    struct od_replay_tally tally;
};

enum od_replay_notice_change { OD_NOTICE_REMOVED = 0, OD_NOTICE_ADDED, OD_NOTICE_CHANGED };

struct od_replay_notice { /* notifications, grouped by the rule that asked for them */
    enum od_replay_notice_change change;
    struct od_str topic, kind, name;
    struct od_replay_tally tally;
};

/* How many orders are in a status, and how many would be. */
struct od_replay_status {
    enum od_status_kind kind;
    struct od_str code;
    uint64_t before, after;
};

struct od_replay_report {
    struct od_arena arena;
    uint32_t samples; /* the most samples of a group */
    struct od_map keys;
    struct od_replay_group **groups;
    size_t group_count, group_cap;
    struct od_replay_notice **notices;
    size_t notice_count, notice_cap;
    struct od_replay_status *statuses; /* those that any order has or would have */
    size_t status_count, status_cap;
    uint64_t ungrouped; /* differences beyond the last group that is kept */

    const char *candidate, *base;    /* hashes */
    const struct od_plugin *plugins; /* those of the candidate */
    uint32_t plugin_count;
    bool base_active;     /* false: base is the configuration's */
    int64_t since, until; /* 0: there is no such limit */
    uint64_t orders, events, decisions, skipped[OD_REPLAY_SKIPS];
    uint64_t broken;          /* orders whose ledger does not fold */
    struct od_str broken_why; /* why the first of them does not */
    int64_t took_us;
};

void od_replay_report_init(struct od_replay_report *r, uint32_t samples);
void od_replay_report_fini(struct od_replay_report *r);

void od_replay_report_found(struct od_replay_report *r, const struct od_replay_found *f);
void od_replay_report_ended(struct od_replay_report *r, enum od_status_kind kind,
                            struct od_str recorded, struct od_str candidate);
void od_replay_report_notice(struct od_replay_report *r, const struct od_replay_notice *n,
                             const struct od_order *o);

/* Print the report for people, and as one JSON object. Both sort the groups, the largest first. */
void od_replay_report_print(struct od_replay_report *r, FILE *out);
void od_replay_report_json(struct od_replay_report *r, struct od_buf *out);

const char *od_replay_difference_name(enum od_replay_difference kind); /* "final_status", … */
const char *od_replay_notice_name(enum od_replay_notice_change change);
const char *od_replay_skip_name(enum od_replay_skip skip);

#endif
