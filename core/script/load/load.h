#ifndef OD_SCRIPT_LOAD_LOAD_H
#define OD_SCRIPT_LOAD_LOAD_H

#include "script/bundle/bundle.h"

/*
 * Loads a bundle. On failure nothing is left behind, and err (OD_ERR_SCRIPT or, for lines of the
 * configuration and of manifests, OD_ERR_CONFIG) names file:line.
 *
 * No code runs before everything around it is sound. Checked are, in this order: manifests and
 * their api; settings against the declared keys; capabilities against the grants; syntax; and the
 * names used of `oms`, which must be known and covered by a declared capability. Then the files
 * run, and what they registered is linked.
 */
int od_bundle_load(const struct od_bundle_source *source, const struct od_bundle_limits *limits,
                   struct od_bundle **out, struct od_err *err) OD_MUST_CHECK;

#endif
