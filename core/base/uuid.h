#ifndef OD_BASE_UUID_H
#define OD_BASE_UUID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* RFC 9562. New ones are version 7 (time first), so that index inserts go to one place. */
struct od_uuid {
    uint8_t bytes[16];
};

#define OD_UUID_TEXT 36

struct od_uuid od_uuid_v7(int64_t now_us);
/* Version 5 (SHA-1) of a name inside a namespace: an item's or shipment's uuid from its order's. */
struct od_uuid od_uuid_v5(const struct od_uuid *ns, struct od_str name);
/* 36 characters with hyphens or 32 without, any case. */
bool od_uuid_parse(struct od_str s, struct od_uuid *out);
void od_uuid_format(const struct od_uuid *u, char out[OD_UUID_TEXT + 1]);
bool od_uuid_is_zero(const struct od_uuid *u);

#endif
