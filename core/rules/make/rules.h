#ifndef OD_RULES_MAKE_RULES_H
#define OD_RULES_MAKE_RULES_H

#include "base/err.h"
#include "engine/rules.h"
#include "script/bundle/bundle.h"
#include "store/rules/bundles.h"

/*
 * Making rules: status sets and a bundle of scripts, loaded and checked beside whatever serves.
 * What they are made of comes from the configuration and the plugins' folders, or from the database
 * where an earlier bundle is kept whole: sources, and the part of the configuration that decisions
 * follow, as the file rules.ini. Nothing here touches the database.
 */

struct od_conf;

/* What rules are made of; lives until the checks that need it are done. */
struct od_rules_source {
    struct od_arena arena;
    struct od_conf *conf; /* counted. From the database: what rules.ini says, and for the rest (the
                             limits, [check]) what `base` says */
    struct od_bundle_source bundle;
    struct od_bundle_limits limits;
    struct od_status_sets statuses; /* bundle.statuses points here */
};

/* Reads the folders that conf names; not on the loop while serving, for disks may be slow. Errors
 * name the file and line of script or configuration. */
int od_rules_source_read(struct od_conf *conf, struct od_rules_source *out,
                         struct od_err *err) OD_MUST_CHECK;
/* The same from the stored sources of a bundle. OD_ERR_INVALID for one that was stored without
 * rules.ini. */
int od_rules_source_stored(const struct od_conf *base, const struct od_stored_source *sources,
                           size_t count, struct od_rules_source *out,
                           struct od_err *err) OD_MUST_CHECK;
void od_rules_source_fini(struct od_rules_source *s);

/* New rules with one reference. They take a reference of the source's conf. */
int od_rules_make(struct od_rules_source *s, struct od_rules **out,
                  struct od_err *err) OD_MUST_CHECK;

/* Reads and makes, where nobody needs the source. */
int od_rules_build(struct od_conf *conf, struct od_rules **out, struct od_err *err) OD_MUST_CHECK;

/* The sources of the rules' bundle as the database keeps them; valid as long as the rules. */
struct od_stored_source *od_rules_sources(const struct od_rules *r, struct od_arena *a,
                                          size_t *count);

#endif
