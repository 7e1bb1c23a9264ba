#ifndef OD_RULES_MAKE_STORED_H
#define OD_RULES_MAKE_STORED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* Makes rules from the database: it finds a stored bundle, reads its sources and makes them into
 * rules again. */

struct od_conf;
struct od_loop;
struct od_pg_conn;
struct od_rules;

/* Names a stored bundle by bundle_id, hash or before; exactly one of these is set. */
struct od_stored_choice {
    int32_t bundle_id;
    struct od_str hash; /* or its first digits */
    bool before;        /* the one that served before the present one; see od_activation_before */
    bool automatic;     /* with before: for an automatic rollback */
};

/*
 * done is called once, never inside this call. It takes the rules, which have one reference and
 * their bundle_id. OD_ERR_NOT_FOUND: there is no such bundle. OD_ERR_INVALID: several begin with
 * these digits, or the version that stored it did not keep all of it. base: see
 * od_rules_source_stored; it is counted meanwhile.
 */
void od_stored_rules(struct od_pg_conn *conn, struct od_conf *base,
                     const struct od_stored_choice *which,
                     void (*done)(void *ctx, const struct od_err *err, struct od_rules *rules),
                     void *ctx);

/* Stores the rules' bundle and sets policies.bundle_id. It runs the loop until that is done. */
int od_rules_store(struct od_loop *loop, struct od_pg_conn *conn, struct od_rules *rules,
                   struct od_err *err) OD_MUST_CHECK;

#endif
