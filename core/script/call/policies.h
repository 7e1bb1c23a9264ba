#ifndef OD_SCRIPT_CALL_POLICIES_H
#define OD_SCRIPT_CALL_POLICIES_H

#include <stdint.h>

#include "order/model/policy.h"

struct od_bundle;

/* Returns the bundle as the policies that decide asks. They are valid while the caller holds a
 * reference. */
struct od_policies od_bundle_policies(struct od_bundle *b, int32_t bundle_id);

#endif
