#include "api/access/entry.h"

#include <inttypes.h>

#include "api/api.h"
#include "api/handler.h"
#include "base/clock.h"
#include "base/json/json.h"
#include "base/log.h"
#include "pg/conn.h"
#include "store/access/sessions.h"

enum { BROWSER_MAX = 120 };

static void on_known(void *ctx)
{
    struct od_entry *e = ctx;
    od_set_cookie(e->req, OD_SESSION_COOKIE, od_str_of(e->token), "/",
                  e->api->people->conf.session_max_ms / 1000);
    od_http_set_header(e->req, "Cache-Control", OD_STR("no-store"));
    od_info("login", "user=%" PRId64 " session=%" PRId64, e->user->id, e->session_id);
    e->done(e->ctx, OD_ENTRY_DONE);
}

static void on_session(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_entry *e = ctx;
    if (!err && r->rows == 1)
        e->session_id = od_pg_get_i64(r, 0, 0);
}

static void on_begun(void *ctx, bool failed)
{
    struct od_entry *e = ctx;
    if (failed || !e->session_id)
        e->done(e->ctx, failed ? OD_ENTRY_UNAVAILABLE : OD_ENTRY_REFUSED);
    else
        od_keys_renew(e->api->people->conf.keys, on_known, e);
}

/* The beginning of what the browser says it is, if that is text. */
static struct od_str browser_of(const struct od_http_request *req)
{
    struct od_str text = od_str_slice(od_http_header(req, "User-Agent"), 0, BROWSER_MAX);
    for (int i = 0; i < 4 && text.len && !od_utf8_valid(text); i++)
        text.len--;
    return text.ptr && od_utf8_valid(text) ? text : OD_STR("");
}

void od_entry_begin(struct od_entry *e, void (*done)(void *ctx, enum od_entry_outcome outcome),
                    void *ctx)
{
    struct od_pg_params *p = od_pg_params(e->api->query);
    uint8_t hash[OD_SHA256];
    e->done = done;
    e->ctx = ctx;
    od_token_make(e->token);
    od_sha256_of(od_str_of(e->token), hash);
    od_pg_i64(p, e->user->id);
    od_pg_text(p, e->user->password_hash);
    od_pg_text(p, e->better);
    od_pg_given_i64(p, e->step);
    od_pg_bytea(p, e->recovery);
    od_pg_bytea(p, od_str_n((const char *)hash, sizeof hash));
    od_pg_text(p, browser_of(e->req));
    od_pg_i64(p, e->api->people->conf.session_max_ms / 1000);
    od_pg_i64(p, e->api->people->conf.session_idle_ms / 1000);
    od_pg_send(e->api->query, &od_session_insert, p, on_session, e);
    od_pg_sync(e->api->query, on_begun, e);
}

void od_entry_answer(struct od_entry *e)
{
    struct od_json_writer w;
    od_jw_init(&w, od_http_body(e->req));
    od_jw_object(&w);
    od_jw_key(&w, "user");
    od_jw_object(&w);
    od_jw_key(&w, "userId");
    od_jw_i64(&w, e->user->id);
    od_jw_key(&w, "email");
    od_jw_str(&w, e->user->email);
    od_jw_key(&w, "name");
    od_jw_str(&w, e->user->name);
    od_jw_key(&w, "role");
    od_jw_str(&w, e->user->role);
    od_jw_object_end(&w);
    od_jw_key(&w, "sessionId");
    od_jw_i64(&w, e->session_id);
    od_jw_key(&w, "expiresAt");
    od_jw_time(&w, od_clock_us() + e->api->people->conf.session_max_ms * 1000);
    od_jw_object_end(&w);
    od_http_send(e->req, 200);
}
