#ifndef OD_RULES_MAKE_CANDIDATE_H
#define OD_RULES_MAKE_CANDIDATE_H

#include "rules/make/rules.h"
#include "loop/loop.h"
#include "pg/conn.h"

/* Makes candidate rules, which are looked at beside those that serve: the configuration with some
 * of its plugins exchanged, or a bundle from the database. */

struct od_candidate {
    const char *plugins, *scripts; /* directories; NULL: those of the configuration */
    const char *load;              /* names; NULL: those of the configuration */
    /* A hash or its first digits. When it is given, the other members do not count. NULL: none. */
    const char *bundle;
};

/* Makes the rules of conf's file with the candidate's overrides. It does not look at c->bundle. */
int od_candidate_build(const struct od_conf *conf, const struct od_candidate *c,
                       struct od_rules **out, struct od_err *err) OD_MUST_CHECK;

/* Makes the candidate's rules. When it is a stored bundle, the call waits for the database. */
int od_candidate_load(struct od_pg_conn *conn, const struct od_conf *conf,
                      const struct od_candidate *c, struct od_rules **out,
                      struct od_err *err) OD_MUST_CHECK;

/* Makes the rules that every process serves. Where nothing was ever activated, it makes those of
 * conf, and *active is false. It waits for the database. */
int od_active_rules_load(struct od_pg_conn *conn, struct od_conf *conf, struct od_rules **out,
                         bool *active, struct od_err *err) OD_MUST_CHECK;

#endif
