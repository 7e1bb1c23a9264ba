#ifndef OD_SCRIPT_LOAD_LINK_H
#define OD_SCRIPT_LOAD_LINK_H

#include "base/err.h"

struct od_bundle;
struct od_bundle_source;

/* After the scripts ran: checks that what they registered fits together and decides who answers
 * what. */
int od_bundle_link(struct od_bundle *b, const struct od_bundle_source *source,
                   struct od_err *err) OD_MUST_CHECK;

#endif
