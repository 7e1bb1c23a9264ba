#ifndef OD_RULES_ACTIVATE_RELOAD_H
#define OD_RULES_ACTIVATE_RELOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/*
 * A reload reads the configuration and the scripts anew and makes new rules beside the old ones. It
 * checks them (rules/trial/checks.h) on a thread of its own, so that commands go on, activates them
 * for every process of the database, and swaps them in. Any failure leaves the old rules serving.
 * Requests that arrive while a reload is under way wait for the next one, which sees their change.
 */

struct od_activated;
struct od_conf;
struct od_reload;
struct od_rules;
struct od_serving;

struct od_reload_request {
    const char *actor; /* static: "api", "signal", … */
    bool dry_run;      /* do everything but activate */
};

/* The outcome of a reload. It is valid during the call. */
struct od_reload_answer {
    struct od_str bundle; /* the hash that serves; of a dry run, that would serve */
    /* A line for each key that waits for a restart, for the reason why there is no shadow, and for
     * orders that [migrate] moves. */
    struct od_str notes;
    struct od_str refusals; /* with an error: a line for each refusal */
    struct od_str findings; /* the findings of the checks as JSON; see od_checks_json */
    struct od_str table;    /* the same for people; "" when there is none */
};

/* err NULL: it took effect. */
typedef void od_reload_cb(void *ctx, const struct od_err *err,
                          const struct od_reload_answer *answer);

struct od_reload_conf {
    struct od_serving *serving; /* borrowed */
    /* Whether the rest of the process can use a configuration. On a thread. */
    int (*check)(const struct od_conf *conf, struct od_err *err);
    /*
     * The rules are activated: from now on they and their configuration serve. shadow: the rules
     * that decide beside them. shadow NULL: there are none; shadow_err says why, or is NULL when
     * none are wanted. Everything is borrowed during the call.
     */
    void (*adopt)(void *ctx, struct od_rules *rules, const struct od_activated *activation,
                  struct od_rules *shadow, const struct od_err *shadow_err);
    void *ctx;
};

struct od_reload *od_reload_new(const struct od_reload_conf *conf);
void od_reload_request(struct od_reload *r, const struct od_reload_request *what, od_reload_cb *cb,
                       void *ctx);
/* The start found the files broken, which counts as a refused reload. */
void od_reload_refused(struct od_reload *r);
/* A reload is under way or was asked for. Neither it nor what it changes may be freed now. */
bool od_reload_busy(const struct od_reload *r);
void od_reload_free(struct od_reload *r);

struct od_reload_stats {
    uint64_t succeeded, failed;
    int64_t last_us; /* wall clock of the last success; the start counts as one */
    bool last_failed;
};
const struct od_reload_stats *od_reload_stats(const struct od_reload *r);

#endif
