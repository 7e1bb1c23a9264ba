#ifndef OD_RULES_TRIAL_CHECKS_H
#define OD_RULES_TRIAL_CHECKS_H

#include <stdbool.h>

#include "rules/make/rules.h"
#include "rules/trial/walk/model_check.h"
#include "script/testing/run.h"

/*
 * What is looked at before rules serve, by `orderd check` and by every activation: the plugins' own
 * tests, the model check, what plugins say about their configuration. [check] says which findings
 * refuse the rules and which only warn.
 */

/* A finding as one sentence, with its file and line. */
struct od_check_said {
    bool refuses; /* else it warns */
    struct od_str text;
};

struct od_checks {
    struct od_test_run tests;
    struct od_model_report model; /* with the plugins' findings among its findings */
    uint32_t refusals, warnings;
    uint32_t ignored;
    struct od_str refusal;      /* the first that refuses */
    struct od_check_said *said; /* what refuses and what warns; tests first */
    size_t said_count, said_cap;
    int64_t tests_us, model_us; /* how long they took */
};

/* Runs them; everything in *out is in the arena. -1: they could not be run (a test file does not
 * load). */
int od_checks_run(struct od_rules_source *source, const struct od_rules *rules, struct od_arena *a,
                  struct od_checks *out, struct od_err *err) OD_MUST_CHECK;

/* The tables that `orderd check` prints. For each finding its level, kind, subject, states, inputs
 * and text, and what was looked at: */
struct od_buf;
void od_checks_print(const struct od_checks *c, const struct od_conf *conf, struct od_buf *out);

/* The findings that [check] ignores, as a table of the same form; nothing when there are none. */
void od_checks_print_ignored(const struct od_checks *c, const struct od_conf *conf,
                             struct od_buf *out);

/* What refuses or warns: [{level, kind, subject, inputs, text, count}]. */
void od_checks_json(const struct od_checks *c, const struct od_conf *conf, struct od_buf *out);

/* For each pair of statuses that orders get into, held or not: the order's status, and a letter for
 * each command that is allowed, small where only some states allow it. */
void od_checks_print_states(const struct od_model_report *r, struct od_buf *out);

#endif
