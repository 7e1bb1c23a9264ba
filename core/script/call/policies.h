#ifndef OD_SCRIPT_CALL_POLICIES_H
#define OD_SCRIPT_CALL_POLICIES_H

#include <stdint.h>

#include "order/policy.h"

struct od_bundle;

/* The bundle as the policies of decide; valid while the caller holds a reference. */
struct od_policies od_bundle_policies(struct od_bundle *b, int32_t bundle_id);

#endif
