#ifndef OD_RULES_MAKE_RULES_H
#define OD_RULES_MAKE_RULES_H

#include "base/err.h"
#include "engine/rules.h"
#include "script/bundle/bundle.h"
#include "store/rules/bundles.h"

/*
 * Makes rules, which are status sets and a bundle of scripts, beside whatever serves. Their source
 * is the configuration with the plugins' folders, or an earlier bundle. The database keeps that one
 * whole: the scripts' sources and rules.ini, the part of the configuration that decisions follow.
 * Nothing here touches the database.
 */

struct od_conf;

/* The source of rules. It lives until the checks that need it are done. */
struct od_rules_source {
    struct od_arena arena;
    /* Counted. For a stored bundle it has what rules.ini says, and for the rest (limits, [check])
     * what `base` says. */
    struct od_conf *conf;
    struct od_bundle_source bundle;
    struct od_bundle_limits limits;
    struct od_status_sets statuses; /* bundle.statuses points here */
};

/* Reads the folders that conf names. Disks may be slow, so a serving process must not call it on
 * the loop. Errors name the file and line of the script or the configuration. */
int od_rules_source_read(struct od_conf *conf, struct od_rules_source *out,
                         struct od_err *err) OD_MUST_CHECK;
/* Does the same from the stored sources of a bundle. OD_ERR_INVALID: the bundle was stored without
 * rules.ini. */
int od_rules_source_stored(const struct od_conf *base, const struct od_stored_source *sources,
                           size_t count, struct od_rules_source *out,
                           struct od_err *err) OD_MUST_CHECK;
void od_rules_source_fini(struct od_rules_source *s);

/* Makes new rules with one reference. They take a reference of the source's conf. */
int od_rules_make(struct od_rules_source *s, struct od_rules **out,
                  struct od_err *err) OD_MUST_CHECK;

/* Reads and makes rules when nobody needs the source. */
int od_rules_build(struct od_conf *conf, struct od_rules **out, struct od_err *err) OD_MUST_CHECK;

/* Returns the sources of the rules' bundle as the database keeps them. They are valid as long as
 * the rules. */
struct od_stored_source *od_rules_sources(const struct od_rules *r, struct od_arena *a,
                                          size_t *count);

#endif
