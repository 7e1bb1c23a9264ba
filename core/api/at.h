#ifndef OD_API_AT_H
#define OD_API_AT_H

#include "api/api.h"
#include "engine/engine.h"

/*
 * Reading an order as it was: at a version, or at a time, when it had the version that was the last
 * to be recorded until then. It is folded from the ledger a page at a time.
 */

struct od_read_at {
    struct od_api *api;
    struct od_read read; /* `ref` names the order, as for od_engine_read */
    int32_t version;     /* 0: by `time`, or neither: as it is */
    int64_t time;        /* microseconds; 0: by version */
    bool missing; /* the order has no such version, or was not there yet; the error says which */
    void *ctx;
    /* As od_read.done. */
    void (*done)(void *ctx, const struct od_outcome *outcome, const struct od_err *err);
};

/* "7", or a time as RFC 3339 has it: "2026-11-30T19:00:00Z". OD_ERR_INVALID: it is neither. */
int od_read_at_parse(struct od_str text, struct od_read_at *r, struct od_err *err) OD_MUST_CHECK;
/* `r` stays until done is called. */
void od_read_at(struct od_read_at *r);

#endif
