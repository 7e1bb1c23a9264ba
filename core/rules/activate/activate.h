#ifndef OD_RULES_ACTIVATE_ACTIVATE_H
#define OD_RULES_ACTIVATE_ACTIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/*
 * One activation: rules that stand become what every process of the database is to serve. In this
 * order: which statuses they lack that the last activation had, and how many orders are in those;
 * then, in one transaction, the bundle's sources and the activation's row. Whoever else activates
 * meanwhile is noticed, and it is all looked at again; the later one wins as a whole.
 */

struct od_pg_conn;
struct od_rules;

struct od_activate {
    struct od_rules *rules; /* borrowed until done; gets its bundle_id */
    const char *kind;       /* start, reload, activate, rollback, auto_rollback */
    struct od_str actor, reason;
    int32_t after; /* > 0: only if this activation is the last */
    bool dry_run;  /* says what would happen */
};

struct od_activated {
    int32_t activation_id; /* the last one; of a dry run 0 */
    int64_t age_us;        /* of that, by the database's clock */
    bool made;           /* else the bundle served already, or another came in between (`after`) */
    struct od_str notes; /* lines: everything that refuses; orders that [migrate] will move */
};

/* done is called once, never inside of this call; OD_ERR_CONFIG: orders are in a status that the
 * rules lack; OD_ERR_UNAVAILABLE: the database. */
void od_activate(struct od_pg_conn *conn, const struct od_activate *what,
                 void (*done)(void *ctx, const struct od_err *err, const struct od_activated *a),
                 void *ctx);

#endif
