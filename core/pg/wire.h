#ifndef OD_PG_WIRE_H
#define OD_PG_WIRE_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

/* Integers in network byte order, unaligned; and PostgreSQL's epoch, 2000-01-01T00:00:00Z. */
#define OD_PG_EPOCH_US INT64_C(946684800000000)

static inline void od_wire_put32(char *at, uint32_t v)
{
    v = htobe32(v);
    memcpy(at, &v, sizeof v);
}

static inline void od_wire_put64(char *at, uint64_t v)
{
    v = htobe64(v);
    memcpy(at, &v, sizeof v);
}

static inline uint32_t od_wire_get32(const char *at)
{
    uint32_t v;
    memcpy(&v, at, sizeof v);
    return be32toh(v);
}

static inline uint64_t od_wire_get64(const char *at)
{
    uint64_t v;
    memcpy(&v, at, sizeof v);
    return be64toh(v);
}

#endif
