#ifndef OD_RULES_ACTIVATE_MIGRATE_H
#define OD_RULES_ACTIVATE_MIGRATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Moves orders out of statuses that are configured no more, as [migrate] of the serving rules says:
 * by commands through the engine, a bounded number at a time, so that each order gets its event and
 * people's commands go on. Of several processes one does it. What is left after a crash is found
 * again by the next look, which is at each change of rules, at the start, and until none is left.
 */

struct od_buf;
struct od_migrate;
struct od_serving;

/* The serving is borrowed. */
struct od_migrate *od_migrate_new(struct od_serving *serving);
/* The activation serves, maybe with other rules: looks what there is to move. */
void od_migrate_look(struct od_migrate *m, int32_t activation_id);

struct od_migrate_stats {
    const char *status; /* none (nothing is to be moved), waiting (another process moves, or the
                           database is away), running, done, incomplete (see `failed`) */
    int64_t moved, left, failed; /* since the rules changed; failed: of the last look */
};
void od_migrate_stats(const struct od_migrate *m, struct od_migrate_stats *out);

/* As any process would tell it, from the database: {status, moved, left, failed}. done is called
 * once with the JSON appended to *json, or with an error. */
void od_migrate_json(struct od_migrate *m, struct od_buf *json,
                     void (*done)(void *ctx, const struct od_err *err), void *ctx);

bool od_migrate_busy(const struct od_migrate *m); /* not to be freed */
void od_migrate_stop(struct od_migrate *m);       /* gives no more commands */
void od_migrate_free(struct od_migrate *m);       /* accepts NULL */

#endif
