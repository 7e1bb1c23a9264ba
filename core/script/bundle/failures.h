#ifndef OD_SCRIPT_BUNDLE_FAILURES_H
#define OD_SCRIPT_BUNDLE_FAILURES_H

#include "base/err.h"
#include "base/str.h"

struct od_registration;

/* Tells of calls into scripts that failed. */

/* Gives an error without a line of its own (out of memory) the place where the function was
 * registered. */
void od_error_origin(struct od_err *err, const struct od_registration *r);
/* Logs the failed call with its traceback. Only the 1st, 2nd, 4th, 8th … failure of each place is
 * logged, because one broken rule must not fill the disk. `order` may be absent. */
void od_script_failed(const struct od_registration *r, struct od_str order,
                      const struct od_err *err);

#endif
