#ifndef OD_HTTP_METRICS_H
#define OD_HTTP_METRICS_H

#include <stdint.h>

#include "http/fault.h"
#include "http/address/origin.h"

/* The counters of one server, for whoever renders metrics. They only grow, but for the two
 * gauges. */
struct od_http_metrics {
    uint64_t replies[6]; /* by status class; [0] is unused */
    uint64_t faults[OD_HTTP_FAULTS];
    uint64_t foreign[OD_HTTP_FOREIGN_KINDS]; /* requests refused; [0] is unused */
    uint64_t connections_total;
    uint64_t bytes_in, bytes_out;
    uint32_t connections_open;   /* gauge, lingering ones included */
    uint32_t requests_in_flight; /* gauge: received or being received, not yet written out */
};

#define OD_HTTP_LATENCY_BUCKETS 26

/* How long handlers took. bucket[i] counts replies that took less than 2^i µs; the last bucket
 * counts all that took longer. */
struct od_http_latency {
    uint64_t count;
    uint64_t sum_us;
    uint64_t bucket[OD_HTTP_LATENCY_BUCKETS];
};

static inline void od_http_latency_add(struct od_http_latency *l, int64_t us)
{
    uint64_t v = us > 0 ? (uint64_t)us : 0;
    unsigned i = v ? 64u - (unsigned)__builtin_clzll(v) : 0;
    l->bucket[i < OD_HTTP_LATENCY_BUCKETS ? i : OD_HTTP_LATENCY_BUCKETS - 1]++;
    l->count++;
    l->sum_us += v;
}

#endif
