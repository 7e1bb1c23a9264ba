#include "api/handler.h"
#include "base/embed.h"
#include "base/json/json.h"
#include "rules/activate/reload.h"
#include "server/admin.h"
#include "server/app.h"

/* POST /admin/reload: everything that refuses new rules is in the answer. */

static void send_refusal(struct od_http_request *req, const struct od_err *err,
                         const struct od_reload_answer *a)
{
    struct od_problem_error *errors = NULL;
    size_t count = 0, cap = 0;
    struct od_str rest = a->refusals, line;
    while (od_str_cut(&rest, '\n', &line)) {
        if (!line.len)
            continue;
        errors = od_arena_grow(&req->arena, errors, count, &cap, sizeof *errors);
        errors[count++] = (struct od_problem_error){OD_STR(""), line};
    }
    const struct od_problem_member findings = {"findings", a->findings};
    od_problem_send(
        req, &(struct od_problem){
                 .status = 422,
                 .code = err->code == OD_ERR_CONFIG ? "config_error" : "script_error",
                 .detail = od_arena_printf(&req->arena, "%s%s%s The rules before it still serve.",
                                           err->origin, err->origin[0] ? ": " : "", err->message),
                 .errors = errors,
                 .error_count = count,
                 .extra = &findings,
                 .extra_count = 1,
             });
}

static void on_reloaded(void *ctx, const struct od_err *err, const struct od_reload_answer *a)
{
    struct od_http_request *req = ctx;
    if (err && err->code == OD_ERR_UNAVAILABLE) {
        od_api_send_err(req, err);
        return;
    }
    if (err) {
        send_refusal(req, err, a);
        return;
    }
    struct od_json_writer w;
    od_jw_init(&w, od_http_body(req));
    od_jw_object(&w);
    od_jw_key(&w, "bundle");
    od_jw_str(&w, a->bundle);
    od_jw_key(&w, "notes");
    od_jw_lines(&w, a->notes);
    od_jw_key(&w, "findings");
    od_jw_raw(&w, a->findings);
    od_jw_object_end(&w);
    od_http_send(req, 200);
}

static void post_reload(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct od_app *app = ctx;
    struct od_reload_request what = {.actor = "api"};
    (void)who;
    if (od_api_dry_run(req, &what.dry_run))
        od_reload_request(app->reload, &what, on_reloaded, req);
}

OD_EMBED(od_server_reload_text, "server/admin_reload.json");

static const struct od_api_route routes[] = {
    {"reload", OD_HTTP_POST, "/admin/reload", OD_HTTP_ANY_TYPE | OD_API_NO_ORDERS,
     OD_MAY_RULES_ACTIVATE, post_reload},
};

const struct od_api_chapter od_server_reload = OD_API_CHAPTER(routes, od_server_reload_text);
