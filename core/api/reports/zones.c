#include <stdlib.h>
#include <string.h>

#include "api/handler.h"
#include "api/reports/ask.h"
#include "api/routes.h"
#include "base/nearest.h"
#include "pg/conn.h"
#include "store/reports/reports.h"

/* Zones of time. PostgreSQL takes more for a zone than those of its list ("UTC+5" is five hours
 * west), so a zone is looked up there, which takes it some 20 ms. Those that were found are kept.
 */

enum { KEPT_MAX = 64, ZONE_MAX = 64 };

struct od_report_zones {
    char names[KEPT_MAX][ZONE_MAX];
    size_t count;
};

void od_report_zones_free(struct od_report_zones *zones)
{
    free(zones);
}

static bool is_kept(const struct od_api *api, struct od_str zone)
{
    const struct od_report_zones *zones = api->report_zones;
    for (size_t i = 0; zones && i < zones->count; i++) {
        if (od_str_is(zone, zones->names[i]))
            return true;
    }
    return od_str_is(zone, "UTC");
}

static void keep(struct od_api *api, struct od_str zone)
{
    if (!api->report_zones && !(api->report_zones = calloc(1, sizeof *api->report_zones)))
        abort();
    struct od_report_zones *zones = api->report_zones;
    if (zone.len >= ZONE_MAX)
        return;
    char *name = zones->names[zones->count++ % KEPT_MAX];
    memcpy(name, zone.ptr, zone.len);
    name[zone.len] = '\0';
    zones->count = zones->count > KEPT_MAX ? KEPT_MAX : zones->count;
}

struct check {
    struct od_report_ask *ask;
    void (*then)(struct od_report_ask *ask);
    struct od_nearest near;
    struct od_str same_place; /* "Europe/Berlin" for "Berlin" */
    bool found;
};

/* The last part of a zone's name. */
static struct od_str place(struct od_str zone)
{
    struct od_str rest = zone, part = zone;
    while (od_str_cut(&rest, '/', &part))
        ;
    return part;
}

static void on_zones(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct check *c = ctx;
    struct od_arena *a = &c->ask->req->arena;
    struct od_str wanted = c->ask->query.zone;
    for (int i = 0; !err && i < r->rows && !c->found; i++) {
        struct od_str name = od_arena_str(a, od_pg_get_text(r, i, 0));
        c->found = od_str_eq(name, wanted);
        od_nearest_try(&c->near, name);
        if (!c->same_place.ptr && od_str_eq_nocase(place(name), place(wanted)))
            c->same_place = name;
    }
}

static void on_checked(void *ctx, bool failed)
{
    struct check *c = ctx;
    struct od_http_request *req = c->ask->req;
    if (failed) {
        od_api_send_unavailable(req);
    } else if (c->found) {
        keep(c->ask->api, c->ask->query.zone);
        c->then(c->ask);
    } else if (c->same_place.ptr) {
        od_problem_sendf(req, 422, "bad_timezone",
                         "There is no time zone of that name (did you mean '%.*s'?).",
                         OD_STR_ARG(c->same_place));
    } else {
        od_problem_sendf(req, 422, "bad_timezone", "There is no time zone of that name%s.",
                         od_nearest_hint(&c->near));
    }
}

void od_report_check_zone(struct od_report_ask *ask, void (*then)(struct od_report_ask *ask))
{
    if (is_kept(ask->api, ask->query.zone)) {
        then(ask);
        return;
    }
    struct check *c = OD_NEW(&ask->req->arena, struct check);
    c->ask = ask;
    c->then = then;
    od_nearest_init(&c->near, ask->query.zone);
    od_pg_send(ask->api->query, &od_report_zones, NULL, on_zones, c);
    od_pg_sync(ask->api->query, on_checked, c);
}
