#ifndef OD_RULES_MAKE_REPLAY_RULES_H
#define OD_RULES_MAKE_REPLAY_RULES_H

#include "rules/make/rules.h"
#include "loop/loop.h"
#include "pg/conn.h"

/* Rules to be looked at beside those that serve: the configuration with some of its plugins
 * exchanged, or a bundle out of the database. */

struct od_candidate {
    const char *plugins, *scripts; /* directories; NULL: those of the configuration */
    const char *load;              /* names; NULL: those of the configuration */
    const char *bundle;            /* hash or its first digits; NULL: none, else it comes first */
};

/* The rules of conf's file with the candidate's overrides; c->bundle is not looked at. */
int od_candidate_build(const struct od_conf *conf, const struct od_candidate *c,
                       struct od_rules **out, struct od_err *err) OD_MUST_CHECK;

/* Waits for the database where the candidate is a stored bundle. */
int od_candidate_load(struct od_pg_conn *conn, const struct od_conf *conf,
                      const struct od_candidate *c, struct od_rules **out,
                      struct od_err *err) OD_MUST_CHECK;

/* The rules that every process serves; where nothing was ever activated, those of conf, and then
 * *active is false. Waits for the database. */
int od_active_rules_load(struct od_pg_conn *conn, struct od_conf *conf, struct od_rules **out,
                         bool *active, struct od_err *err) OD_MUST_CHECK;

#endif
