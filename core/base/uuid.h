#ifndef OD_BASE_UUID_H
#define OD_BASE_UUID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* A UUID (RFC 9562). New ones are of version 7, which begins with the time, so that inserts into an
 * index go to one place. */
struct od_uuid {
    uint8_t bytes[16];
};

#define OD_UUID_TEXT 36

struct od_uuid od_uuid_v7(int64_t now_us);
/* Makes version 5 (SHA-1) of a name inside a namespace. So the uuid of an item or shipment follows
 * from its order's. */
struct od_uuid od_uuid_v5(const struct od_uuid *ns, struct od_str name);
/* Reads 36 characters with hyphens or 32 without, in any case. */
bool od_uuid_parse(struct od_str s, struct od_uuid *out);
void od_uuid_format(const struct od_uuid *u, char out[OD_UUID_TEXT + 1]);
bool od_uuid_is_zero(const struct od_uuid *u);

#endif
