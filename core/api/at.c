#include "api/at.h"

#include "base/clock.h"
#include "order/model/model.h"
#include "pg/conn.h"
#include "store/ledger.h"

int od_read_at_parse(struct od_str text, struct od_read_at *r, struct od_err *err)
{
    int64_t version;

    if (od_str_to_i64(text, 1, INT32_MAX, &version)) {
        r->version = (int32_t)version;
        return 0;
    }
    if (od_time_parse(text, &r->time) && r->time > 0)
        return 0;
    return od_err_set(err, OD_ERR_INVALID,
                      "at must be a version of the order, such as 3, or a time, such as "
                      "2026-11-30T19:00:00Z.");
}

static void on_past(void *ctx, const struct od_outcome *outcome, const struct od_err *err)
{
    struct od_read_at *r = ctx;

    r->done(r->ctx, outcome, err);
}

static void read_version(struct od_read_at *r)
{
    r->read.version = r->version;
    r->read.ctx = r;
    r->read.done = on_past;
    od_engine_read(r->api->engine, &r->read);
}

static void on_version(void *ctx, const struct od_pg_result *res, const struct od_err *err)
{
    struct od_read_at *r = ctx;

    if (!err && res->rows)
        r->version = od_pg_get_i32(res, 0, 0);
}

static void on_version_known(void *ctx, bool failed)
{
    struct od_read_at *r = ctx;
    struct od_err err;

    if (failed)
        (void)od_err_set(&err, OD_ERR_UNAVAILABLE, "query failed");
    else if ((r->missing = !r->version))
        (void)od_err_set(&err, OD_ERR_NOT_FOUND, "The order was not there yet.");
    else {
        read_version(r);
        return;
    }
    r->done(r->ctx, NULL, &err);
}

static void on_order(void *ctx, const struct od_outcome *outcome, const struct od_err *err)
{
    struct od_read_at *r = ctx;
    struct od_err missing;

    if (err || !outcome->order || (!r->time && r->version == outcome->order->version)) {
        r->done(r->ctx, outcome, err);
    } else if (r->time) {
        r->read.order_id = outcome->order->order_id;
        od_ledger_version_at(r->api->query, outcome->order->order_id, r->time, on_version, r);
        od_pg_sync(r->api->query, on_version_known, r);
    } else if (r->version > outcome->order->version) {
        r->missing = true;
        (void)od_err_set(&missing, OD_ERR_NOT_FOUND,
                         "The order has no version %d yet; its latest is %d.", r->version,
                         outcome->order->version);
        r->done(r->ctx, NULL, &missing);
    } else {
        r->read.order_id = outcome->order->order_id;
        read_version(r);
    }
}

void od_read_at(struct od_read_at *r)
{
    bool past = r->version || r->time;

    r->read.ctx = r;
    r->read.done = past ? on_order : on_past;
    od_engine_read(r->api->engine, &r->read);
}
