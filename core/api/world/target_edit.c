#include <stdio.h>

#include "api/api.h"
#include "api/handler.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/embed.h"
#include "base/json/json.h"
#include "conf/value.h"
#include "feed/deliver/deliver.h"
#include "feed/feed.h"
#include "feed/targets/settings.h"
#include "feed/targets/webhook/message.h"
#include "pg/conn.h"
#include "store/feed/targets.h"

/*
 * Targets that are made, changed and deleted here. They are kept in the database beside those of
 * the configuration, which nobody can change here. A secret is shown once, in the answer to the
 * request that made it.
 */

enum { CANCEL_ROWS = 5000, MAX_PAGE = 200, DEFAULT_PAGE = 50 };
#define DAY_MS      (24 * INT64_C(3600000))
#define KEEP_MAX_MS (365 * DAY_MS) /* later nobody knows who still signs with it */

struct call {
    struct od_api *api;
    struct od_deliverer *deliverer;
    struct od_http_request *req;
    struct od_str actor, name;
    struct od_json *body;
    const char *what;       /* the history's word for it */
    struct od_str settings; /* those that will be */
    struct od_str shown;    /* the same, as people may see them */
    struct od_str secret;   /* one that was made now */
    int64_t keep_ms;        /* of a rotation: how long the old secrets count */
    struct od_str old;      /* settings before; absent: there are none */
    int32_t revision;
    bool done;
    int64_t cancelled, last; /* deliveries; of the last page */
    int64_t before, limit;   /* a page of the history */
};

static struct call *begin(void *ctx, struct od_http_request *req, struct od_str actor)
{
    struct call *c = OD_NEW(&req->arena, struct call);
    c->api = ctx;
    c->deliverer = od_feed_deliverer(c->api->feed);
    c->req = req;
    c->actor = od_arena_str(&req->arena, actor.ptr ? actor : OD_STR(""));
    c->name = od_http_param(req, "target");
    return c;
}

static void send_missing(struct call *c)
{
    if (od_deliverer_configured(c->deliverer, c->name))
        od_problem_sendf(c->req, 409, "target_in_file",
                         "This target is set up in the configuration file; change it there.");
    else
        od_problem_sendf(c->req, 404, "target_not_found", "There is no such target.");
}

/* "[target.erp] url: is needed" -> the member /url, which is needed. */
static void send_refusal(struct call *c, const struct od_err *err)
{
    struct od_str text = od_str_of(err->message), pointer = od_str_of(err->origin), section, key;
    if (od_str_starts_with(text, OD_STR("["))) {
        struct od_str rest = text;
        if (od_str_cut(&rest, ' ', &section) && od_str_cut(&rest, ':', &key) && rest.ptr) {
            text = od_str_slice(rest, 1, rest.len);
            if (!pointer.len)
                pointer = od_arena_printf(&c->req->arena, "/%.*s", OD_STR_ARG(key));
        }
    }
    od_problem_send(c->req, &(struct od_problem){
                                .status = 422,
                                .code = "invalid",
                                .detail = text,
                                .errors = &(struct od_problem_error){pointer, text},
                                .error_count = 1,
                            });
}

static void refuse_member(struct call *c, const char *pointer, const char *why)
{
    struct od_err err;
    (void)od_err_set(&err, OD_ERR_INVALID, "%s", why);
    snprintf(err.origin, sizeof err.origin, "%s", pointer);
    send_refusal(c, &err);
}

/* Nobody could tell an unsigned message from a forged one. */
static bool is_unsigned_webhook(struct call *c)
{
    struct od_arena *a = &c->req->arena;
    struct od_str kind = od_target_text(c->settings, "kind", a),
                  secret = od_target_text(c->settings, "secret", a);
    return od_str_is(kind, "webhook") && (!secret.ptr || od_str_trim(secret).len == 0);
}

/* Fills `shown`. False: the settings cannot be, which has been answered. */
static bool settings_fit(struct call *c)
{
    const struct od_stored_target t = {c->name, c->settings};
    struct od_json_writer w;
    struct od_buf out;
    struct od_err err;
    if (!c->settings.ptr) {
        refuse_member(c, "", "The settings are too large, or nest too deeply.");
        return false;
    }
    od_buf_init(&out, 1 << 20);
    od_jw_init(&w, &out);
    int failed = od_deliverer_try(c->deliverer, &t, &w, &err);
    c->shown = od_arena_str(&c->req->arena, od_buf_view(&out));
    od_buf_fini(&out);
    if (failed)
        send_refusal(c, &err);
    if (!failed && is_unsigned_webhook(c)) {
        refuse_member(c, "/secret",
                      "A webhook signs its messages. Leave secret out of a new target and one is "
                      "made; change it by POST /api/targets/NAME/rotate.");
        return false;
    }
    return !failed;
}

static void send_target(struct call *c, int status)
{
    struct od_json_writer w;
    od_deliverer_refresh(c->deliverer);
    od_jw_init(&w, od_http_body(c->req));
    od_jw_object(&w);
    od_jw_key(&w, "name");
    od_jw_str(&w, c->name);
    od_jw_key(&w, "source");
    od_jw_cstr(&w, "api");
    od_jw_key(&w, "settings");
    od_jw_raw(&w, c->shown);
    if (c->secret.ptr) {
        od_jw_key(&w, "secret");
        od_jw_str(&w, c->secret);
    }
    od_jw_object_end(&w);
    od_http_send(c->req, status);
}

static void on_done(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    c->done = !err && r->rows == 1;
}

/* Sends what changes settings behind the lock on them; both are one transaction. */
static void send_change(struct call *c, const struct od_pg_stmt *stmt, struct od_pg_params *p,
                        void (*changed)(void *ctx, bool failed))
{
    od_pg_send(c->api->query, stmt, p, on_done, c);
    od_pg_sync(c->api->query, changed, c);
}

static struct od_pg_params *lock_settings(struct call *c)
{
    od_pg_send(c->api->query, &od_lock_settings, NULL, NULL, NULL);
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_text(p, c->name);
    return p;
}

/* ---- create */

static void on_created(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed) {
        od_api_send_unavailable(c->req);
    } else if (!c->done) {
        od_problem_sendf(c->req, 409, "target_exists",
                         "There is a target of this name, or there are as many as [feed] "
                         "max_targets allows.");
    } else {
        od_http_set_header(
            c->req, "Location",
            od_arena_printf(&c->req->arena, "/api/targets/%.*s", OD_STR_ARG(c->name)));
        send_target(c, 201);
    }
}

/* The settings with one more member. */
static struct od_str with_text(struct call *c, struct od_str settings, const char *key,
                               struct od_str value)
{
    struct od_json member = {.type = OD_JSON_STRING, .key = od_str_of(key), .text = value};
    struct od_json object = {.type = OD_JSON_OBJECT, .child = &member, .count = 1};
    struct od_json_writer w;
    struct od_buf raw;
    od_buf_init(&raw, 1 << 20);
    od_jw_init(&w, &raw);
    od_jw_str(&w, value);
    member.raw = od_buf_view(&raw);
    struct od_str merged = od_target_merge(settings, &object, &c->req->arena);
    od_buf_fini(&raw);
    return merged;
}

/* A webhook that is given no secret gets one. */
static void give_secret(struct call *c)
{
    const struct od_json *kind = od_json_get(c->body, "kind");
    if (!kind || kind->type != OD_JSON_STRING || !od_str_is(kind->text, "webhook") ||
        od_json_get(c->body, "secret"))
        return;
    c->secret = od_secret_make(&c->req->arena);
    c->settings = with_text(c, c->settings, "secret", c->secret);
}

static void create_target(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    static const struct od_json no_name = {.type = OD_JSON_NULL, .key = {"name", 4}};
    struct od_json without_name = {.type = OD_JSON_OBJECT, .count = 1};
    struct od_json removed = no_name;
    struct call *c = begin(ctx, req, who->name);
    if (!od_api_object(req, &c->body))
        return;
    const struct od_json *name = od_json_get(c->body, "name");
    if (!name || name->type != OD_JSON_STRING) {
        refuse_member(c, "/name", "A target needs a name.");
        return;
    }
    c->name = name->text;
    if (od_deliverer_configured(c->deliverer, c->name)) {
        send_missing(c);
        return;
    }
    without_name.child = &removed;
    c->settings = od_target_merge(c->body->raw, &without_name, &req->arena);
    give_secret(c);
    if (!settings_fit(c))
        return;
    struct od_pg_params *p = lock_settings(c);
    od_pg_text(p, c->settings);
    od_pg_i64(p, od_deliverer_targets_max(c->deliverer));
    od_pg_text(p, c->actor);
    send_change(c, &od_insert_settings, p, on_created);
}

/* ---- change */

static void on_changed(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed)
        od_api_send_unavailable(c->req);
    else if (!c->done)
        od_problem_sendf(c->req, 409, "target_changed",
                         "Somebody else changed this target at the same moment; try again.");
    else
        send_target(c, 200);
}

static void on_settings(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    if (err || r->rows == 0 || od_pg_is_null(r, 0, 0))
        return;
    c->old = od_arena_str(&c->req->arena, od_pg_get_text(r, 0, 0));
    c->revision = od_pg_get_i32(r, 0, 1);
}

static void read_settings(struct call *c, void (*read)(void *ctx, bool failed))
{
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_text(p, c->name);
    od_pg_send(c->api->query, &od_select_target_settings, p, on_settings, c);
    od_pg_sync(c->api->query, read, c);
}

static void store_settings(struct call *c)
{
    if (!settings_fit(c))
        return;
    struct od_pg_params *p = lock_settings(c);
    od_pg_text(p, c->settings);
    od_pg_i32(p, c->revision);
    od_pg_text(p, c->actor);
    od_pg_text(p, od_str_of(c->what));
    send_change(c, &od_update_settings, p, on_changed);
}

/* False: there is nothing to change, which has been answered. */
static bool is_there(struct call *c, bool failed)
{
    if (failed)
        od_api_send_unavailable(c->req);
    else if (!c->old.ptr)
        send_missing(c);
    return !failed && c->old.ptr;
}

static void on_read_to_change(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (!is_there(c, failed))
        return;
    c->settings = od_target_merge(c->old, c->body, &c->req->arena);
    store_settings(c);
}

static void change_target(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = begin(ctx, req, who->name);
    c->what = "changed";
    if (od_api_object(req, &c->body))
        read_settings(c, on_read_to_change);
}

/* ---- rotate */

static void on_read_to_rotate(void *ctx, bool failed)
{
    struct call *c = ctx;
    struct od_arena *a = &c->req->arena;
    if (!is_there(c, failed))
        return;
    const struct od_json *given = od_json_get(c->body, "secret");
    int64_t now_s = od_clock_us() / 1000000;
    struct od_str before = od_target_text(c->old, "secret", a);
    if (!given)
        c->secret = od_secret_make(a);
    struct od_str secrets = od_secrets_rotate(before, given ? given->text : c->secret, now_s,
                                              now_s + c->keep_ms / 1000, a);
    c->settings = with_text(c, c->old, "secret", secrets);
    store_settings(c);
}

static bool rotation_fits(struct call *c)
{
    const struct od_json *wrong = NULL;
    const char *why = NULL;
    c->keep_ms = DAY_MS;
    for (const struct od_json *m = c->body->child; m && !wrong; m = m->next) {
        if (od_str_is(m->key, "secret"))
            why = m->type == OD_JSON_STRING && od_str_trim(m->text).len > 0
                      ? NULL
                      : "secret must be a text that is not empty; leave it out and one is made.";
        else if (!od_str_is(m->key, "keep"))
            why = "The body may have secret and keep.";
        else if (m->type != OD_JSON_STRING || !od_conf_duration(m->text, &c->keep_ms) ||
                 c->keep_ms > KEEP_MAX_MS)
            why = "keep must be a duration like 24h, at most 365d: how long the old secret still "
                  "counts.";
        wrong = why ? m : NULL;
    }
    if (wrong)
        refuse_member(c, od_arena_printf(&c->req->arena, "/%.*s", OD_STR_ARG(wrong->key)).ptr, why);
    return !wrong;
}

static void rotate_secret(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = begin(ctx, req, who->name);
    c->what = "rotated";
    if (req->body.len == 0)
        req->body = OD_STR("{}");
    if (od_api_object(req, &c->body) && rotation_fits(c))
        read_settings(c, on_read_to_rotate);
}

/* ---- delete */

static void cancel_more(struct call *c);

static void on_cancel(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    c->last = err ? 0 : od_pg_get_i64(r, 0, 0);
    c->cancelled += c->last;
}

static void on_cancelled(void *ctx, bool failed)
{
    struct call *c = ctx;
    struct od_json_writer w;
    if (failed) {
        od_api_send_unavailable(c->req);
        return;
    }
    if (c->last == CANCEL_ROWS) {
        cancel_more(c);
        return;
    }
    od_jw_init(&w, od_http_body(c->req));
    od_jw_object(&w);
    od_jw_key(&w, "name");
    od_jw_str(&w, c->name);
    od_jw_key(&w, "deleted");
    od_jw_bool(&w, true);
    od_jw_key(&w, "cancelled");
    od_jw_i64(&w, c->cancelled);
    od_jw_object_end(&w);
    od_http_send(c->req, 200);
}

/* So many at a time that nobody waits for it. */
static void cancel_more(struct call *c)
{
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_text(p, c->name);
    od_pg_i32(p, CANCEL_ROWS);
    od_pg_send(c->api->query, &od_cancel_deliveries, p, on_cancel, c);
    od_pg_sync(c->api->query, on_cancelled, c);
}

static void on_deleted(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed) {
        od_api_send_unavailable(c->req);
        return;
    }
    od_deliverer_refresh(c->deliverer);
    if (c->done)
        cancel_more(c);
    else
        send_missing(c);
}

static void delete_target(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct call *c = begin(ctx, req, who->name);
    if (od_deliverer_configured(c->deliverer, c->name)) {
        send_missing(c);
        return;
    }
    struct od_pg_params *p = lock_settings(c);
    od_pg_text(p, c->actor);
    send_change(c, &od_delete_target, p, on_deleted);
}

/* ---- history */

static void on_history(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct call *c = ctx;
    struct od_json_writer w;
    if (err)
        return;
    od_jw_init(&w, od_http_body(c->req));
    od_jw_object(&w);
    od_jw_key(&w, "items");
    od_jw_array(&w);
    for (int i = 0; i < r->rows && i < c->limit; i++) {
        od_jw_object(&w);
        od_target_entry_write(&w, r, i);
        od_jw_object_end(&w);
    }
    od_jw_array_end(&w);
    od_jw_key(&w, "next");
    if (r->rows > c->limit)
        od_jw_i64(&w, od_pg_get_i64(r, (int)c->limit - 1, 0));
    else
        od_jw_null(&w);
    od_jw_object_end(&w);
}

static void on_history_read(void *ctx, bool failed)
{
    struct call *c = ctx;
    if (failed)
        od_api_send_unavailable(c->req);
    else
        od_http_send(c->req, 200);
}

static void get_history(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    static const char *const names[] = {"after", "limit", NULL};
    struct call *c = begin(ctx, req, who->name);
    struct od_str after = od_http_query(req, "after"), limit = od_http_query(req, "limit");
    c->limit = DEFAULT_PAGE;
    if (!od_api_query_known(req, names))
        return;
    if ((after.ptr && !od_str_to_i64(after, 1, INT64_MAX, &c->before)) ||
        (limit.ptr && !od_str_to_i64(limit, 1, MAX_PAGE, &c->limit))) {
        od_problem_sendf(req, 422, "bad_query",
                         "after must be the `next` of a page, limit 1 to %d.", MAX_PAGE);
        return;
    }
    struct od_pg_params *p = od_pg_params(c->api->query);
    od_pg_text(p, c->name);
    od_pg_given_i64(p, c->before);
    od_pg_i32(p, (int32_t)c->limit + 1);
    od_pg_send(c->api->query, &od_select_target_history, p, on_history, c);
    od_pg_sync(c->api->query, on_history_read, c);
}

OD_EMBED(od_api_target_edit_text, "api/world/target_edit.json");

static const struct od_api_route routes[] = {
    {"create_target", OD_HTTP_POST, "/api/targets", OD_HTTP_JSON | OD_API_NO_ORDERS,
     OD_MAY_TARGETS_MANAGE, create_target},
    {"change_target", OD_HTTP_PATCH, "/api/targets/:target", OD_HTTP_JSON | OD_API_NO_ORDERS,
     OD_MAY_TARGETS_MANAGE, change_target},
    {"delete_target", OD_HTTP_DELETE, "/api/targets/:target", OD_HTTP_ANY_TYPE | OD_API_NO_ORDERS,
     OD_MAY_TARGETS_MANAGE, delete_target},
    {"rotate_secret", OD_HTTP_POST, "/api/targets/:target/rotate",
     OD_HTTP_ANY_TYPE | OD_API_NO_ORDERS, OD_MAY_TARGETS_MANAGE, rotate_secret},
    {"get_target_history", OD_HTTP_GET, "/api/targets/:target/history", OD_API_NO_ORDERS,
     OD_MAY_TARGETS_VIEW, get_history},
};

const struct od_api_chapter od_api_target_edit = OD_API_CHAPTER(routes, od_api_target_edit_text);
