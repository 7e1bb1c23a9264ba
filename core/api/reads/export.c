#include "store/export.h"

#include <stdio.h>

#include "api/handler.h"
#include "api/reach.h"
#include "api/reads/filters.h"
#include "api/routes.h"
#include "base/embed.h"
#include "order/show/export.h"

/*
 * GET /api/orders.csv: the orders that GET /api/orders finds, as rows for a spreadsheet. Where
 * there are more than `limit`, a Link header leads to them.
 */

enum {
    LIMIT_DEFAULT = 10000,
    LIMIT_MAX = 50000,
    PAGE = 100,            /* orders read at once */
    PAGE_BYTES = 16 << 20, /* rows of a page of the largest orders: no more is begun near the end */
};

struct export
{
    struct od_api *api;
    struct od_http_request *req;
    struct od_export rows;
    int64_t limit;
};

static bool read_parameter(struct export *x, struct od_str name, struct od_str value,
                           struct od_err *err)
{
    struct od_search *s = &x->rows.search;
    if (od_str_is(name, "sort")) {
        s->sort = value;
    } else if (od_str_is(name, "after")) {
        s->after = value;
    } else if (od_str_is(name, "items")) {
        x->rows.items = od_str_is(value, "true");
        if (!x->rows.items && !od_str_is(value, "false"))
            (void)od_err_set(err, OD_ERR_INVALID, "items must be true or false.");
    } else if (od_str_is(name, "limit")) {
        if (!od_str_to_i64(value, 1, LIMIT_MAX, &x->limit))
            (void)od_err_set(err, OD_ERR_INVALID, "limit must be 1 to %d.", LIMIT_MAX);
    } else if (od_search_filter(s, name, value, err)) {
        return false;
    }
    return err->code == OD_ERR_NONE;
}

static bool read_query(struct export *x)
{
    struct od_http_request *req = x->req;
    struct od_err err = {0};
    for (size_t i = 0; i < req->query_count; i++) {
        if (read_parameter(x, req->query[i].name, req->query[i].value, &err))
            continue;
        od_problem_sendf(req, 422, "bad_query", "%s", err.message);
        return false;
    }
    return true;
}

/* As RFC 3986 has it in a query: unreserved characters stay. */
static void put_escaped(struct od_buf *b, struct od_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        bool plain = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
                     (c && memchr("-._~", c, 4));
        if (plain)
            od_buf_char(b, s.ptr[i]);
        else
            od_buf_printf(b, "%%%02X", c);
    }
}

/* RFC 8288: the same request, further on. */
static void link_next(struct export *x)
{
    struct od_buf link;
    od_buf_init(&link, 64 << 10);
    od_buf_printf(&link, "<%.*s?after=", OD_STR_ARG(x->req->path));
    put_escaped(&link, x->rows.search.after);
    for (size_t i = 0; i < x->req->query_count; i++) {
        if (od_str_is(x->req->query[i].name, "after"))
            continue;
        od_buf_char(&link, '&');
        put_escaped(&link, x->req->query[i].name);
        od_buf_char(&link, '=');
        put_escaped(&link, x->req->query[i].value);
    }
    od_buf_printf(&link, ">; rel=\"next\"");
    od_http_set_header(x->req, "Link", od_buf_view(&link));
    od_buf_fini(&link);
}

static bool wants_more(const struct export *x)
{
    const struct od_buf *body = x->rows.out;
    return x->rows.more && x->req->conn && x->rows.orders < x->limit &&
           body->len + PAGE_BYTES < body->max;
}

static bool read_page(struct export *x, struct od_err *err)
{
    int64_t left = x->limit - x->rows.orders;
    x->rows.search.limit = left < PAGE ? (uint32_t)left : PAGE;
    return od_export_page(&x->rows, err) == 0;
}

static void on_page(void *ctx, bool failed)
{
    struct export *x = ctx;
    struct od_err err;
    if (!failed && wants_more(x) && read_page(x, &err))
        return;
    od_export_fini(&x->rows);
    if (failed) {
        od_api_send_unavailable(x->req);
        return;
    }
    if (x->rows.more)
        link_next(x);
    od_http_set_type(x->req, "text/csv; charset=utf-8; header=present");
    od_http_set_header(x->req, "Content-Disposition",
                       OD_STR("attachment; filename=\"orders.csv\""));
    od_http_send(x->req, 200);
}

static void begin(void *ctx, const struct od_err *wrong)
{
    struct export *x = ctx;
    struct od_err err;
    if (wrong) {
        od_api_send_query_err(x->req, wrong);
        return;
    }
    od_export_init(&x->rows);
    od_export_header(x->rows.out, x->rows.items);
    if (read_page(x, &err))
        return;
    od_export_fini(&x->rows);
    od_problem_sendf(x->req, 422, "bad_query", "%s", err.message);
}

static void ready_filters(void *ctx)
{
    struct export *x = ctx;
    od_api_filters_ready(x->api, x->req, x->rows.search.filters, x->rows.search.filter_count, begin,
                         x);
}

static void export_orders(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    (void)who;
    struct od_api *api = ctx;
    struct export *x = OD_NEW(&req->arena, struct export);
    x->api = api;
    x->req = req;
    x->limit = LIMIT_DEFAULT;
    x->rows.conn = api->query;
    x->rows.search.arena = &req->arena;
    x->rows.search.statuses = &od_engine_rules(api->engine)->statuses; /* for read_query */
    x->rows.out = od_http_body(req);
    x->rows.ctx = x;
    x->rows.page = on_page;
    if (!read_query(x))
        return;
    od_api_reach_search(api, req, &x->rows.search, ready_filters, x);
}

OD_EMBED(od_api_export_text, "api/reads/export.json");

static const struct od_api_route routes[] = {
    {"export_orders", OD_HTTP_GET, "/api/orders.csv", 0, OD_MAY_ORDERS_EXPORT, export_orders},
};

const struct od_api_chapter od_api_export = OD_API_CHAPTER(routes, od_api_export_text);
