#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/doctor/doctor.h"
#include "conf/conf.h"
#include "pg/wait.h"
#include "store/server/health.h"
#include "store/server/lag.h"

enum {
    OLDEST_VERSION = 14,
    LONG_TRANSACTION_MS = 5 * 60 * 1000,
    LAG_US = 10 * 1000000,
    CLOCKS_APART_US = 2 * 1000000,
};

/* ---- database: its version, its schema, and what the checks after it ask about */

struct server {
    struct od_doctor *doctor;
    int32_t version;
    char text[64];
    int64_t clock_us;
};

static void read_server(void *ctx, const struct od_pg_result *r)
{
    struct server *s = ctx;
    s->version = od_pg_get_i32(r, 0, 0);
    snprintf(s->text, sizeof s->text, "%.*s", OD_STR_ARG(od_pg_get_text(r, 0, 1)));
    s->doctor->migration = od_pg_get_i32(r, 0, 2);
    s->doctor->feeds = od_pg_get_i64(r, 0, 3);
    s->clock_us = od_pg_get_time(r, 0, 4);
}

static int check_database(struct od_doctor *d, struct od_err *err)
{
    struct server s = {.doctor = d};
    int64_t before_us = od_clock_us(), began_us = od_clock_monotonic_us();
    if (od_pg_exec_wait(d->conn, &od_health_server, NULL, read_server, &s, err))
        return -1;
    d->round_trip_us = od_clock_monotonic_us() - began_us;
    d->clock_ahead_us = s.clock_us - (before_us + d->round_trip_us / 2);
    if (s.version < OLDEST_VERSION)
        od_doctor_find(d, OD_FINDING_WRONG, "move to a newer PostgreSQL",
                       "PostgreSQL %s is older than %d", s.text, OLDEST_VERSION);
    else if (!d->migration)
        od_doctor_find(d, OD_FINDING_WRONG,
                       "start the server once, or restore a backup: orderd restore FILE",
                       "PostgreSQL %s has no schema of orderd", s.text);
    else
        od_doctor_find(d, OD_FINDING_FINE, NULL, "PostgreSQL %s, schema %d, %.1f ms away", s.text,
                       (int)d->migration, (double)d->round_trip_us / 1e3);
    return 0;
}

/* ---- clock */

static int check_clock(struct od_doctor *d, struct od_err *err)
{
    (void)err;
    double ahead = (double)d->clock_ahead_us / 1e6;
    if (llabs(d->clock_ahead_us) > CLOCKS_APART_US + d->round_trip_us)
        od_doctor_find(d, OD_FINDING_WRONG, "let both follow an NTP server",
                       "the database's clock is %.1f s %s this machine's",
                       ahead > 0 ? ahead : -ahead, ahead > 0 ? "ahead of" : "behind");
    else
        od_doctor_find(d, OD_FINDING_FINE, NULL, "%.3f s from the database's", ahead);
    return 0;
}

/* ---- settings: whether what was confirmed outlives a crash */

struct settings {
    char fsync[16], full_page_writes[16], synchronous_commit[16];
    bool standbys;
};

static void read_settings(void *ctx, const struct od_pg_result *r)
{
    struct settings *s = ctx;
    for (int i = 0; i < r->rows; i++) {
        struct od_str name = od_pg_get_text(r, i, 0), value = od_pg_get_text(r, i, 1);
        if (od_str_is(name, "fsync"))
            snprintf(s->fsync, sizeof s->fsync, "%.*s", OD_STR_ARG(value));
        else if (od_str_is(name, "full_page_writes"))
            snprintf(s->full_page_writes, sizeof s->full_page_writes, "%.*s", OD_STR_ARG(value));
        else if (od_str_is(name, "synchronous_commit"))
            snprintf(s->synchronous_commit, sizeof s->synchronous_commit, "%.*s",
                     OD_STR_ARG(value));
        else
            s->standbys = value.len > 0;
    }
}

static int check_settings(struct od_doctor *d, struct od_err *err)
{
    struct settings s = {0};
    uint32_t wrong = d->found[OD_FINDING_WRONG];
    if (od_pg_exec_wait(d->conn, &od_health_settings, NULL, read_settings, &s, err))
        return -1;
    if (strcmp(s.fsync, "off") == 0)
        od_doctor_find(d, OD_FINDING_WRONG, "set fsync = on",
                       "fsync is off: a crash of the machine can destroy the database");
    if (strcmp(s.full_page_writes, "off") == 0)
        od_doctor_find(d, OD_FINDING_WRONG, "set full_page_writes = on",
                       "full_page_writes is off: a crash of the machine can tear pages");
    if (strcmp(s.synchronous_commit, "off") == 0)
        od_doctor_find(
            d, OD_FINDING_WRONG, "set synchronous_commit = on",
            "synchronous_commit is off: orders that were confirmed can be lost in a crash");
    if (s.standbys && strcmp(s.synchronous_commit, "local") == 0)
        od_doctor_find(d, OD_FINDING_WRONG, "set synchronous_commit = on",
                       "synchronous_commit is local: orders that were confirmed can be lost in a "
                       "failover, though there are synchronous standbys");
    if (d->found[OD_FINDING_WRONG] == wrong)
        od_doctor_find(d, OD_FINDING_FINE, NULL,
                       "fsync, full_page_writes and synchronous_commit (%s) keep what is confirmed",
                       s.synchronous_commit);
    return 0;
}

/* ---- transactions */

/* "session 123 (psql) in the database shop, open for 300 s", and what ends it. */
static void describe(const struct od_holder *h, char *text, size_t size, char *advice,
                     size_t advice_size)
{
    char age[48] = "";
    if (h->age_us >= 0)
        snprintf(age, sizeof age, ", open for %lld s", (long long)(h->age_us / 1000000));
    if (h->kind == OD_HOLDER_PREPARED) {
        snprintf(text, size, "the prepared transaction '%s' in the database %s%s", h->gid,
                 h->database, age);
        snprintf(advice, advice_size,
                 "end it there: commit prepared '%s', or rollback prepared '%s'", h->gid, h->gid);
        return;
    }
    snprintf(text, size, "session %d (%s) in the database %s%s", (int)h->pid,
             h->application[0] ? h->application : "no application name", h->database, age);
    snprintf(advice, advice_size,
             "find out what it does (pg_stat_activity), or end it: select pg_terminate_backend(%d)",
             (int)h->pid);
}

static void read_long(void *ctx, const struct od_pg_result *r)
{
    struct od_doctor *d = ctx;
    for (int i = 0; i < r->rows; i++) {
        char text[400], advice[600];
        struct od_holder h;
        od_holder_read(r, i, &h);
        describe(&h, text, sizeof text, advice, sizeof advice);
        od_doctor_find(d, OD_FINDING_WRONG, advice, "%s", text);
    }
}

static void read_slots(void *ctx, const struct od_pg_result *r)
{
    struct od_doctor *d = ctx;
    for (int i = 0; i < r->rows; i++)
        od_doctor_find(d, OD_FINDING_NOTE,
                       "let its reader go on, or drop it: select pg_drop_replication_slot(...)",
                       "nobody reads the replication slot %.*s, which keeps dead rows",
                       OD_STR_ARG(od_pg_get_text(r, i, 0)));
}

static int check_transactions(struct od_doctor *d, struct od_err *err)
{
    uint32_t before = d->found[OD_FINDING_WRONG] + d->found[OD_FINDING_NOTE];
    struct od_pg_params *p = od_pg_params(d->conn);
    od_pg_i64(p, LONG_TRANSACTION_MS);
    if (od_pg_exec_wait(d->conn, &od_select_long_transactions, p, read_long, d, err) ||
        od_pg_exec_wait(d->conn, &od_health_slots, NULL, read_slots, d, err))
        return -1;
    if (d->found[OD_FINDING_WRONG] + d->found[OD_FINDING_NOTE] == before)
        od_doctor_find(d, OD_FINDING_FINE, NULL, "none is open for more than %d s",
                       LONG_TRANSACTION_MS / 1000);
    return 0;
}

/* ---- feed */

struct lag {
    bool unread, held;
    int64_t age_us;
    struct od_holder holder;
};

static void read_lag(void *ctx, const struct od_pg_result *r)
{
    struct lag *l = ctx;
    l->unread = r->rows == 1;
    if (l->unread) {
        l->age_us = od_pg_get_i64(r, 0, 0);
        l->held = od_pg_get_bool(r, 0, 1);
    }
}

static void read_holder(void *ctx, const struct od_pg_result *r)
{
    struct lag *l = ctx;
    if (r->rows)
        od_holder_read(r, 0, &l->holder);
}

static void tell_lag(struct od_doctor *d, const struct lag *l)
{
    char text[400], advice[600];
    long long seconds = l->age_us / 1000000;
    if (l->holder.kind) {
        describe(&l->holder, text, sizeof text, advice, sizeof advice);
        od_doctor_find(d, OD_FINDING_WRONG, advice, "events of %lld s wait for %s", seconds, text);
    } else if (!d->feeds) {
        od_doctor_find(d, OD_FINDING_NOTE, "start a server",
                       "events of %lld s are not read, and no "
                       "server runs",
                       seconds);
    } else {
        od_doctor_find(d, OD_FINDING_WRONG,
                       "see the servers' logs; more [feed] share lets it catch up faster",
                       "it is %lld s behind", seconds);
    }
}

static int check_feed(struct od_doctor *d, struct od_err *err)
{
    struct lag l = {0};
    if (od_pg_exec_wait(d->conn, &od_select_lag, NULL, read_lag, &l, err))
        return -1;
    if (!l.unread || l.age_us < LAG_US) {
        od_doctor_find(d, OD_FINDING_FINE, NULL, "%.1f s behind", (double)l.age_us / 1e6);
        return 0;
    }
    struct od_pg_params *p = od_pg_params(d->conn);
    od_pg_bool(p, l.held);
    if (od_pg_exec_wait(d->conn, &od_select_holder, p, read_holder, &l, err))
        return -1;
    tell_lag(d, &l);
    return 0;
}

const struct od_doctor_check od_doctor_checks[] = {
    {"database", false, check_database}, {"clock", false, check_clock},
    {"settings", false, check_settings}, {"transactions", false, check_transactions},
    {"feed", true, check_feed},          {NULL, false, NULL},
};
