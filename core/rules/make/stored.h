#ifndef OD_RULES_MAKE_STORED_H
#define OD_RULES_MAKE_STORED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* Rules out of the database: a stored bundle found, its sources read and made into rules again. */

struct od_conf;
struct od_loop;
struct od_pg_conn;
struct od_rules;

/* Exactly one is set. */
struct od_stored_choice {
    int32_t bundle_id;
    struct od_str hash; /* or how it begins */
    bool before;        /* what served before the present one; see od_activation_before */
    bool automatic;     /* with before */
};

/*
 * done is called once, never inside of this call, with rules that the callee takes (one reference,
 * bundle_id set), or an error: OD_ERR_NOT_FOUND: there is none; OD_ERR_INVALID: several begin so,
 * or it was stored by a version that did not keep all of it. base: see od_rules_source_stored; it
 * is counted meanwhile.
 */
void od_stored_rules(struct od_pg_conn *conn, struct od_conf *base,
                     const struct od_stored_choice *which,
                     void (*done)(void *ctx, const struct od_err *err, struct od_rules *rules),
                     void *ctx);

/* Stores the rules' bundle, running the loop until that is done, and sets policies.bundle_id. */
int od_rules_store(struct od_loop *loop, struct od_pg_conn *conn, struct od_rules *rules,
                   struct od_err *err) OD_MUST_CHECK;

#endif
