#include "api/documents/letterhead.h"
#include "api/handler.h"
#include "api/routes.h"
#include "api/documents/mails.h"
#include "base/clock.h"
#include "base/embed.h"
#include "base/json/json.h"
#include "feed/deliver/deliver.h"
#include "feed/feed.h"
#include "script/template/letter.h"

/* What a mail would say, as the order is now. Nothing is sent: POST does that
 * (order/commands/mail.c). */

enum format { FORMAT_JSON = 0, FORMAT_HTML, FORMAT_TEXT };

struct preview {
    struct od_api *api;
    struct od_http_request *req;
    struct od_letter letter;
    enum format format;
    struct od_read read;
};

struct od_str od_api_mail_target(const struct od_api *api)
{
    const struct od_target_conf *t =
        od_targets_for_mail(od_deliverer_targets(od_feed_deliverer(api->feed)));
    return t ? t->name : OD_STR("log");
}

bool od_api_knows_mail(const struct od_api *api, const struct od_command *c, struct od_arena *a,
                       struct od_problem *problem)
{
    const struct od_bundle *bundle = od_engine_rules(api->engine)->bundle;

    if (c->type != OD_COMMAND_SEND_MAIL || od_bundle_has_letter(bundle, c->name) ||
        od_str_is(od_api_mail_target(api), "log"))
        return true;
    *problem = (struct od_problem){
        .status = 422,
        .code = "unknown_template",
        .detail = od_arena_printf(
            a, "No plugin has templates/mail/%.*s.txt; GET /api/mails lists those there are.",
            OD_STR_ARG(c->name)),
    };
    return false;
}

static void text(struct od_json_writer *w, const char *key, struct od_str value)
{
    od_jw_key(w, key);
    od_jw_str(w, value);
}

static void send_json(struct preview *p, const struct od_order *o,
                      const struct od_letter_texts *texts)
{
    struct od_json_writer w;
    od_jw_init(&w, od_http_body(p->req));
    od_jw_object(&w);
    text(&w, "template", p->letter.template);
    text(&w, "target", od_api_mail_target(p->api));
    text(&w, "to", o->customer_email);
    text(&w, "language", texts->language.len ? texts->language : OD_STR_NONE);
    text(&w, "subject", texts->subject);
    text(&w, "text", texts->text);
    text(&w, "html", texts->html);
    od_jw_object_end(&w);
    od_http_send(p->req, 200);
}

/* Whatever a template says, what is shown runs nothing and loads nothing. */
static void send_page(struct preview *p, struct od_str page, const char *type)
{
    od_http_set_type(p->req, type);
    od_http_set_header(p->req, "Content-Security-Policy",
                       OD_STR("default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
                              "base-uri 'none'; form-action 'none'"));
    od_http_set_header(p->req, "X-Content-Type-Options", OD_STR("nosniff"));
    od_buf_str(od_http_body(p->req), page);
    od_http_send(p->req, 200);
}

static void print(struct preview *p, const struct od_order *o)
{
    struct od_arena *a = &p->req->arena;
    struct od_conf_shop_keys shop = od_letterhead(p->api->letterheads, o->store, a);
    struct od_letter_texts texts;
    struct od_err err;
    shop.logo = OD_STR_NONE;
    if (!p->letter.language.ptr)
        p->letter.language = o->locale;
    p->letter.fallback = shop.language;
    p->letter.at_us = od_clock_us();
    od_letter_settle(&p->letter, o);
    struct od_bundle *bundle = od_engine_rules(p->api->engine)->bundle;
    if (od_bundle_letter(bundle, &p->letter, o, &shop, a, &texts, &err)) {
        bool none = err.code == OD_ERR_NOT_FOUND;
        od_problem_sendf(p->req, none ? 404 : 500, none ? "mail_not_found" : "template_failed",
                         "%s%s%s", err.origin, err.origin[0] ? ": " : "", err.message);
        return;
    }
    od_http_set_header(p->req, "Cache-Control", OD_STR("private, no-cache"));
    if (p->format == FORMAT_JSON)
        send_json(p, o, &texts);
    else if (p->format == FORMAT_TEXT)
        send_page(p, texts.text, "text/plain; charset=utf-8");
    else if (texts.html.ptr)
        send_page(p, texts.html, "text/html; charset=utf-8");
    else
        od_problem_sendf(p->req, 404, "mail_not_found", "This mail has no HTML, only text.");
}

static void on_read(void *ctx, const struct od_outcome *outcome, const struct od_err *err)
{
    struct preview *p = ctx;
    if (err)
        od_api_send_err(p->req, err);
    else if (!outcome->order)
        od_problem_sendf(p->req, 404, "order_not_found", "There is no such order.");
    else
        print(p, outcome->order);
}

static bool read_id(struct preview *p, const char *name, int32_t *out)
{
    struct od_str value = od_http_query(p->req, name);
    int64_t id = 0;
    if (value.ptr && !od_str_to_i64(value, 1, INT32_MAX, &id)) {
        od_problem_sendf(p->req, 422, "bad_query", "%s is a number of this order's, from 1 on.",
                         name);
        return false;
    }
    *out = (int32_t)id;
    return true;
}

static bool read_query(struct preview *p)
{
    static const char *const names[] = {"language", "format",   "shipmentId",
                                        "refundId", "returnId", NULL};
    static const char *const formats[] = {"json", "html", "text"};
    struct od_str format = od_http_query(p->req, "format");
    if (!od_api_query_known(p->req, names) || !read_id(p, "shipmentId", &p->letter.shipment_id) ||
        !read_id(p, "refundId", &p->letter.refund_id) ||
        !read_id(p, "returnId", &p->letter.return_id))
        return false;
    while (format.ptr && p->format <= FORMAT_TEXT && !od_str_is(format, formats[p->format]))
        p->format++;
    if (p->format <= FORMAT_TEXT)
        return true;
    od_problem_sendf(p->req, 422, "bad_query", "format is json, html or text.");
    return false;
}

static void get_mail(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct preview *p = OD_NEW(&req->arena, struct preview);
    (void)who;
    p->api = ctx;
    p->req = req;
    p->letter.template = od_http_param(req, "template");
    p->letter.language = od_http_query(req, "language");
    if (!read_query(p) || !od_api_order_ref(req, &p->read.ref))
        return;
    p->read.ctx = p;
    p->read.done = on_read;
    od_engine_read(p->api->engine, &p->read);
}

static void get_mails(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct od_api *api = ctx;
    static const char *const none[] = {NULL};
    struct od_json_writer w;
    uint32_t count;
    (void)who;
    if (!od_api_query_known(req, none))
        return;
    const struct od_bundle *bundle = od_engine_rules(api->engine)->bundle;
    const struct od_str *names = od_bundle_letters(bundle, &req->arena, &count);
    od_jw_init(&w, od_http_body(req));
    od_jw_object(&w);
    text(&w, "target", od_api_mail_target(api));
    od_jw_key(&w, "templates");
    od_jw_array(&w);
    for (uint32_t i = 0; i < count; i++)
        od_jw_str(&w, names[i]);
    od_jw_array_end(&w);
    od_jw_object_end(&w);
    od_http_send(req, 200);
}

OD_EMBED(od_api_mails_text, "api/documents/mails.json");

static const struct od_api_route routes[] = {
    {"get_mails", OD_HTTP_GET, "/api/mails", OD_API_NO_ORDERS, OD_MAY_MAILS_VIEW, get_mails},
    {"get_mail", OD_HTTP_GET, "/api/orders/:id/mails/:template", 0, OD_MAY_MAILS_VIEW, get_mail},
};

const struct od_api_chapter od_api_mails = OD_API_CHAPTER(routes, od_api_mails_text);
