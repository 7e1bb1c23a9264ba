#ifndef OD_RULES_ACTIVATE_ACTIVATE_H
#define OD_RULES_ACTIVATE_ACTIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/*
 * Activates rules that are made and checked: from then on every process of the database serves
 * them. First it looks which statuses of the last activation the new rules lack, and how many
 * orders are in those. Then it writes the bundle's sources and the activation's row in one
 * transaction. When somebody else activates meanwhile, it notices that and begins again; the later
 * one wins as a whole.
 */

struct od_pg_conn;
struct od_rules;

struct od_activate {
    struct od_rules *rules; /* borrowed until done; gets its bundle_id */
    const char *kind;       /* start, reload, activate, rollback, auto_rollback */
    struct od_str actor, reason;
    int32_t after; /* > 0: activate only if this activation is the last one */
    bool dry_run;  /* only say what would happen */
};

struct od_activated {
    int32_t activation_id; /* the last activation; 0 after a dry run */
    int64_t age_us;        /* its age by the database's clock */
    /* False: the bundle served already, or another activation came in between (`after`). */
    bool made;
    struct od_str notes; /* a line for each refusal, and for orders that [migrate] moves */
};

/* done is called once, never inside this call. OD_ERR_CONFIG: orders are in a status that the rules
 * lack. OD_ERR_UNAVAILABLE: the database did not answer. */
void od_activate(struct od_pg_conn *conn, const struct od_activate *what,
                 void (*done)(void *ctx, const struct od_err *err, const struct od_activated *a),
                 void *ctx);

#endif
