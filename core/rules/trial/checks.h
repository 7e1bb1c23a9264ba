#ifndef OD_RULES_TRIAL_CHECKS_H
#define OD_RULES_TRIAL_CHECKS_H

#include <stdbool.h>

#include "rules/make/rules.h"
#include "rules/trial/walk/model_check.h"
#include "script/testing/run.h"

/*
 * Tries rules before they serve; `orderd check` and every activation do so. It runs the plugins'
 * own tests and the model check, and asks plugins about their configuration. [check] says which
 * findings refuse the rules and which only warn.
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
    struct od_str refusal;      /* the first finding that refuses */
    struct od_check_said *said; /* the findings that refuse or warn; those of tests come first */
    size_t said_count, said_cap;
    int64_t tests_us, model_us; /* how long they took */
};

/* Runs the checks. Everything in *out is in the arena. -1: they could not be run, because a test
 * file does not load. */
int od_checks_run(struct od_rules_source *source, const struct od_rules *rules, struct od_arena *a,
                  struct od_checks *out, struct od_err *err) OD_MUST_CHECK;

/* Prints the tables of `orderd check`: the level, kind, subject, states, inputs and text of each
 * finding, and how much was looked at. */
struct od_buf;
void od_checks_print(const struct od_checks *c, const struct od_conf *conf, struct od_buf *out);

/* Prints the findings that [check] ignores, as a table of the same form, or nothing when there are
 * none. */
void od_checks_print_ignored(const struct od_checks *c, const struct od_conf *conf,
                             struct od_buf *out);

/* Appends the findings that refuse or warn: [{level, kind, subject, inputs, text, count}]. */
void od_checks_json(const struct od_checks *c, const struct od_conf *conf, struct od_buf *out);

/* Prints a line for each combination of statuses that orders get into, held or not. The line has
 * the order's status and a letter for each command that is allowed; the letter is small where only
 * some states allow it. */
void od_checks_print_states(const struct od_model_report *r, struct od_buf *out);

#endif
