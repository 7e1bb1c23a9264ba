#include "base/idempotency_key.h"

bool od_idempotency_key_valid(struct od_str key, size_t reserved)
{
    if (key.len == 0 || key.len + reserved > OD_IDEMPOTENCY_KEY_MAX)
        return false;
    for (size_t i = 0; i < key.len; i++) {
        if (key.ptr[i] <= ' ' || key.ptr[i] > '~')
            return false;
    }
    return true;
}
