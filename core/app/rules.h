#ifndef OD_APP_RULES_H
#define OD_APP_RULES_H

#include "base/err.h"
#include "engine/rules.h"
#include "store/bundles.h"

/*
 * Making rules from a configuration: status sets and a bundle of scripts, loaded and checked beside
 * whatever serves. Nothing here touches the database.
 */

struct od_conf;

/* New rules with one reference. They take a reference of conf. Errors name the file and line of the
 * script or configuration. */
int od_rules_build(struct od_conf *conf, struct od_rules **out, struct od_err *err) OD_MUST_CHECK;

/* The sources of the rules' bundle as the database keeps them; valid as long as the rules. */
struct od_stored_source *od_rules_sources(const struct od_rules *r, struct od_arena *a,
                                          size_t *count);

#endif
