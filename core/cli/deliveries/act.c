#include <inttypes.h>
#include <stdio.h>

#include "cli/deliveries/deliveries.h"
#include "store/feed/deliveries.h"
#include "store/feed/targets.h"

/* What a person does about deliveries and targets. Running servers see it within a second. */

enum { RANGE_ROWS = 2000, HURRY_ROWS = 20000 };

static const char actor[] = "orderd deliveries";

static int no_target(const struct od_deliveries *d, struct od_err *err)
{
    return od_err_set(err, OD_ERR_NOT_FOUND,
                      "there is no target %s; `orderd deliveries targets` names them", d->target);
}

static void on_numbers(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_deliveries *d = ctx;
    (void)err;
    for (int i = 0; i < 2 && r->rows; i++)
        d->numbers[i] = i < r->cols && !od_pg_is_null(r, 0, i) ? od_pg_get_i64(r, 0, i) : 0;
}

static void on_affected(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_deliveries *d = ctx;
    (void)err;
    d->numbers[0] = r->affected;
}

static int redeliver_one(struct od_deliveries *d, struct od_err *err)
{
    struct od_pg_params *p = od_pg_params(d->conn);
    od_pg_i64(p, d->delivery_id);
    if (od_deliveries_ask(d, &od_redeliver, p, on_affected, err))
        return -1;
    if (!d->numbers[0])
        return od_err_set(err, OD_ERR_NOT_FOUND, "there is no delivery %" PRId64, d->delivery_id);
    printf("delivery %" PRId64 " is sent again\n", d->delivery_id);
    return 0;
}

int od_deliveries_redeliver(struct od_deliveries *d, struct od_err *err)
{
    int64_t count = 0, after = 0;
    if (d->delivery_id)
        return redeliver_one(d, err);
    do {
        struct od_pg_params *p = od_pg_params(d->conn);
        od_pg_text(p, od_str_of(d->target));
        od_pg_given_time(p, d->since);
        od_pg_given_time(p, d->until);
        od_pg_bool(p, d->only_failed);
        od_pg_i64(p, after);
        od_pg_i32(p, RANGE_ROWS);
        if (od_deliveries_ask(d, &od_redeliver_range, p, on_numbers, err))
            return -1;
        after = d->numbers[0];
        count += d->numbers[1];
    } while (d->numbers[1] == RANGE_ROWS);
    printf("%" PRId64 " deliver%s to %s %s sent again\n", count, count == 1 ? "y" : "ies",
           d->target, count == 1 ? "is" : "are");
    return 0;
}

static int change(struct od_deliveries *d, const struct od_pg_stmt *stmt, struct od_err *err)
{
    struct od_pg_params *p = od_pg_params(d->conn);
    od_pg_text(p, od_str_of(d->target));
    od_pg_text(p, od_str_of(actor));
    if (od_deliveries_ask(d, stmt, p, NULL, err))
        return -1;
    return d->rows ? 0 : no_target(d, err);
}

int od_deliveries_pause(struct od_deliveries *d, struct od_err *err)
{
    if (change(d, &od_pause_target, err))
        return -1;
    printf("paused %s; what is for it waits\n", d->target);
    return 0;
}

int od_deliveries_resume(struct od_deliveries *d, struct od_err *err)
{
    if (change(d, &od_resume_target, err))
        return -1;
    struct od_pg_params *p = od_pg_params(d->conn);
    od_pg_text(p, od_str_of(d->target));
    od_pg_i32(p, HURRY_ROWS);
    if (od_deliveries_ask(d, &od_hurry_deliveries, p, NULL, err))
        return -1;
    printf("resumed %s; what waited is sent now\n", d->target);
    return 0;
}

int od_deliveries_test(struct od_deliveries *d, struct od_err *err)
{
    struct od_pg_params *p = od_pg_params(d->conn);
    od_pg_text(p, od_str_of(d->target));
    od_pg_text(p, OD_STR("{\"test\":true}"));
    if (od_deliveries_ask(d, &od_insert_test, p, on_numbers, err))
        return -1;
    if (!d->rows)
        return no_target(d, err);
    printf("sent %s a test; `orderd deliveries show %" PRId64 "` tells how it went\n", d->target,
           d->numbers[0]);
    return 0;
}
