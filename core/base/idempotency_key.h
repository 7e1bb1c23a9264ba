#ifndef OD_BASE_IDEMPOTENCY_KEY_H
#define OD_BASE_IDEMPOTENCY_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * The rule of idempotency keys, wherever one is given: the header Idempotency-Key, a line of a
 * batch, a script's transaction. A key is 1 to 255 printable ASCII characters without blanks, so
 * that it survives every header, log and shell.
 */

enum { OD_IDEMPOTENCY_KEY_MAX = 255 };

/* reserved: bytes of the maximum that the caller will append. */
bool od_idempotency_key_valid(struct od_str key, size_t reserved);

#endif
