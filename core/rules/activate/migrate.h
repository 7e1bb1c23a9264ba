#ifndef OD_RULES_ACTIVATE_MIGRATE_H
#define OD_RULES_ACTIVATE_MIGRATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Moves orders out of statuses that are no longer configured, as [migrate] of the serving rules
 * says. It gives commands to the engine, a bounded number at a time, so that each order gets its
 * event and people's commands go on. One process of several does it. It looks for orders at the
 * start and at each change of rules, and goes on until none is left, so a crash leaves nothing
 * behind.
 */

struct od_buf;
struct od_migrate;
struct od_serving;

/* serving is borrowed. */
struct od_migrate *od_migrate_new(struct od_serving *serving);
/* The activation serves now, perhaps with other rules: looks for orders to move. */
void od_migrate_look(struct od_migrate *m, int32_t activation_id);

struct od_migrate_stats {
    /* "none": nothing is to be moved. "waiting": another process moves orders, or the database is
     * away. "running", "done". "incomplete": see `failed`. */
    const char *status;
    int64_t moved, left, failed; /* since the rules changed; failed: by the last look */
};
void od_migrate_stats(const struct od_migrate *m, struct od_migrate_stats *out);

/* Appends {status, moved, left, failed} to *json, from the database, so every process tells the
 * same. done is called once, with an error when it could not. */
void od_migrate_json(struct od_migrate *m, struct od_buf *json,
                     void (*done)(void *ctx, const struct od_err *err), void *ctx);

bool od_migrate_busy(const struct od_migrate *m); /* not to be freed */
void od_migrate_stop(struct od_migrate *m);       /* it gives no more commands */
void od_migrate_free(struct od_migrate *m);       /* accepts NULL */

#endif
