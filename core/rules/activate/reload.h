#ifndef OD_RULES_ACTIVATE_RELOAD_H
#define OD_RULES_ACTIVATE_RELOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/*
 * Reload: configuration and scripts are read anew, built into new rules beside the old, checked
 * (rules/trial/checks.h, on a thread of its own, so that commands go on), activated for every
 * process of the database, and swapped in. Any failure leaves the old ones serving. Requests that
 * arrive while one is under way wait for the next, which sees their change.
 */

struct od_activated;
struct od_reload;
struct od_rules;
struct od_serving;

struct od_reload_request {
    const char *actor; /* static: "api", "signal", … */
    bool dry_run;      /* everything but the activation */
};

/* What came of one; valid during the call. */
struct od_reload_answer {
    struct od_str bundle;   /* that serves (dry run: would) */
    struct od_str notes;    /* a line each: changed keys that wait for a restart, why there is no
                               shadow, orders that [migrate] moves */
    struct od_str refusals; /* with an error, a line each: everything that refuses */
    struct od_str findings; /* of the checks: JSON, see od_checks_json */
    struct od_str table;    /* the same for people; "" when there is none */
};

/* err NULL: it took effect. */
typedef void od_reload_cb(void *ctx, const struct od_err *err,
                          const struct od_reload_answer *answer);

struct od_reload_conf {
    struct od_serving *serving; /* borrowed */
    /*
     * The rules are activated: they and their configuration are to serve from now on. shadow: rules
     * that decide beside them; NULL: none, because of shadow_err unless that is NULL. All is
     * borrowed during the call.
     */
    void (*adopt)(void *ctx, struct od_rules *rules, const struct od_activated *activation,
                  struct od_rules *shadow, const struct od_err *shadow_err);
    void *ctx;
};

struct od_reload *od_reload_new(const struct od_reload_conf *conf);
void od_reload_request(struct od_reload *r, const struct od_reload_request *what, od_reload_cb *cb,
                       void *ctx);
/* The start found the files broken: counts as a refused reload. */
void od_reload_refused(struct od_reload *r);
/* A reload is under way or asked for; it is not to be freed, nor what it changes. */
bool od_reload_busy(const struct od_reload *r);
void od_reload_free(struct od_reload *r);

struct od_reload_stats {
    uint64_t succeeded, failed;
    int64_t last_us; /* wall clock of the last success; the start counts as one */
    bool last_failed;
};
const struct od_reload_stats *od_reload_stats(const struct od_reload *r);

#endif
