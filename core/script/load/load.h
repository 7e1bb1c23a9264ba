#ifndef OD_SCRIPT_LOAD_LOAD_H
#define OD_SCRIPT_LOAD_LOAD_H

#include "script/bundle/bundle.h"

/*
 * Loads, links and checks. On failure nothing is left behind; err (OD_ERR_SCRIPT or, for lines of
 * the configuration and of manifests, OD_ERR_CONFIG) names file:line. In this order, so that no
 * code runs before what surrounds it is sound: manifests and their api; settings against the
 * declared keys; capabilities against the grants; syntax; names used of `oms` (known, and covered
 * by a declared capability); then the files run, and what they registered is linked.
 */
int od_bundle_load(const struct od_bundle_source *source, const struct od_bundle_limits *limits,
                   struct od_bundle **out, struct od_err *err) OD_MUST_CHECK;

#endif
