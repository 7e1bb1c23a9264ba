#ifndef OD_BASE_NEAREST_H
#define OD_BASE_NEAREST_H

#include <stddef.h>

#include "base/str.h"

/* Finds the known name that is nearest to a name that somebody wrote, for "did you mean …?". */

struct od_nearest {
    struct od_str wanted;
    struct od_str best; /* "" when nothing is near */
    size_t cost;
    char hint[80];
};

void od_nearest_init(struct od_nearest *n, struct od_str wanted);
void od_nearest_try(struct od_nearest *n, struct od_str candidate); /* borrowed */

/* " (did you mean 'sku'?)" for the end of a message, or "" when nothing is near. It lives in *n. */
const char *od_nearest_hint(struct od_nearest *n);

/* Returns the nearest name of a NULL-terminated list, or "" when none is near. */
struct od_str od_nearest_of(struct od_str wanted, const char *const *names);

#endif
