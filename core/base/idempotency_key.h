#ifndef OD_BASE_IDEMPOTENCY_KEY_H
#define OD_BASE_IDEMPOTENCY_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * Says what an idempotency key is, wherever one is given: in the header Idempotency-Key, in a line
 * of a batch, by a script's transaction. A key is 1 to 255 printable ASCII characters without
 * blanks, so that it survives every header, log and shell.
 */

enum { OD_IDEMPOTENCY_KEY_MAX = 255 };

/* reserved: how many bytes the caller will append, which count towards the maximum. */
bool od_idempotency_key_valid(struct od_str key, size_t reserved);

#endif
