#include <stdlib.h>

#include "base/clock.h"
#include "feed/targets/cloudevent.h"
#include "feed/targets/kinds.h"
#include "feed/targets/webhook/message.h"
#include "http/client/client.h"

/*
 * Requests to somebody's server, by Standard Webhooks 1.0.0. 2xx is success. 410 disables the
 * target. 429, 502, 503 and 504, and a server that cannot be reached, let the target rest; any
 * other answer is about the one delivery. Redirects are not followed.
 */

#define SECOND INT64_C(1000)
#define HOUR   (3600 * SECOND)
#define DAY    (24 * HOUR)
#define KIB    INT64_C(1024)

enum { AT_ONCE = 10, HEADERS = 5 };

/* Those that Standard Webhooks recommends, behind the first at once. */
static const int64_t waits[] = {5 * SECOND, 300 * SECOND, HOUR / 2,  2 * HOUR, 5 * HOUR,
                                10 * HOUR,  14 * HOUR,    20 * HOUR, 24 * HOUR};

struct webhook_conf {
    struct od_str url, secret, source, ca_file;
    bool allow_private;
    int64_t timeout_ms, answer_max;
};
#define AT(member) offsetof(struct webhook_conf, member)
/* clang-format off */
static const struct od_conf_key keys[] = {
    {"target", "url", OD_CONF_STR, AT(url), "", 0, 0, NULL, true, "Where to: https://erp.example.com/orders."},
    {"target", "secret", OD_CONF_STR, AT(secret), "", 0, 0, NULL, true, "What messages are signed with: whsec_ and base64 (HMAC-SHA256), or whsk_ and base64 (a private key of ed25519). Several, blanks between them, while they are rotated; one with @2026-12-31T00:00:00Z behind it counts until then."},
    {"target", "source", OD_CONF_STR, AT(source), "/orderd", 0, 0, NULL, true, "The source that messages name, a URI reference."},
    {"target", "timeout", OD_CONF_DURATION, AT(timeout_ms), "15s", 100, 300 * SECOND, NULL, true, "For one request."},
    {"target", "answer_max", OD_CONF_SIZE, AT(answer_max), "64k", KIB, 1024 * KIB, NULL, true, "Bytes of an answer that are read."},
    {"target", "allow_private", OD_CONF_BOOL, AT(allow_private), "no", 0, 0, NULL, true, "Also loopback, private and link-local addresses, whatever name leads there."},
    {"target", "ca_file", OD_CONF_PATH, AT(ca_file), "", 0, 0, NULL, true, "Certificates to trust instead of the system's."},
};
/* clang-format on */

struct webhook {
    struct od_http_client *client;
    const struct webhook_conf *conf;
    struct od_secrets secrets;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

struct attempt {
    struct od_delivery *delivery;
    struct od_arena arena;
};

/* The host of an http:// or https:// URL, without a user before it. */
static bool valid_url(struct od_str url)
{
    struct od_str prefix = od_str_starts_with(url, OD_STR("https://"))  ? OD_STR("https://")
                           : od_str_starts_with(url, OD_STR("http://")) ? OD_STR("http://")
                                                                        : OD_STR_NONE;
    if (!prefix.ptr)
        return false;
    size_t end = prefix.len;
    for (size_t i = 0; i < url.len; i++) {
        if ((unsigned char)url.ptr[i] <= ' ' || (unsigned char)url.ptr[i] >= 0x7f)
            return false;
    }
    while (end < url.len && url.ptr[end] != '/' && url.ptr[end] != '?' && url.ptr[end] != '#') {
        if (url.ptr[end++] == '@')
            return false;
    }
    return end > prefix.len;
}

static int check(const struct od_conf *c, const struct od_target_conf *t, struct od_err *err)
{
    const struct webhook_conf *own = t->own;
    struct od_secrets secrets;
    struct od_err wrong;
    if (!valid_url(own->url))
        return od_conf_section_refuse(c, t->section, "url",
                                      "is needed, like https://erp.example.com/orders", err);
    if (od_secrets_read(own->secret, &secrets, &wrong))
        return od_conf_section_refuse(c, t->section, "secret", wrong.message, err);
    return 0;
}

static void *open_target(const struct od_target_host *host, const struct od_target_conf *conf)
{
    struct webhook *h = calloc(1, sizeof *h);
    struct od_err err;
    if (!h)
        abort();
    h->conf = conf->own;
    if (od_secrets_read(h->conf->secret, &h->secrets, &err))
        abort(); /* check has read them */
    const struct od_http_client_conf client = {
        .allow_private = h->conf->allow_private,
        .ca_file = h->conf->ca_file,
        .timeout_ms = h->conf->timeout_ms,
        .answer_max = (size_t)h->conf->answer_max,
    };
    h->client = od_http_client_new(host->loop, &client);
    return h;
}

static bool slows_down(int status)
{
    return status == 429 || status == 502 || status == 503 || status == 504;
}

/* What an answer that is no success comes to. */
static void judge(const struct od_http_answer *answer, struct od_delivery_result *result,
                  struct od_arena *a)
{
    int64_t wait_ms = answer->retry_after_s < DAY / SECOND ? answer->retry_after_s * SECOND : DAY;
    result->outcome = OD_DELIVERY_LATER;
    result->gone = answer->status == 410;
    result->one_alone = !slows_down(answer->status) && !result->gone;
    result->wait_ms = wait_ms > 0 ? wait_ms : 0;
    result->why = od_arena_printf(a, "it answered %d%s", answer->status,
                                  result->gone                ? ": it wants no more"
                                  : answer->status / 100 == 3 ? "; redirects are not followed"
                                                              : "");
}

static void on_answer(void *ctx, const struct od_http_answer *answer)
{
    struct attempt *at = ctx;
    struct od_delivery_result result = {.status = answer->status, .answer = answer->body};
    if (answer->closed) {
        result.outcome = OD_DELIVERY_DROPPED;
    } else if (answer->status == 0) {
        result.outcome = OD_DELIVERY_LATER;
        result.why = od_str_of(answer->error);
    } else if (answer->status / 100 != 2) {
        judge(answer, &result, &at->arena);
    }
    od_delivery_done(at->delivery, &result);
    od_arena_fini(&at->arena);
    free(at);
}

static void begin(struct webhook *h, struct od_delivery *d)
{
    struct attempt *at = calloc(1, sizeof *at);
    if (!at)
        abort();
    od_arena_init(&at->arena);
    at->delivery = d;
    struct od_arena *a = &at->arena;
    int64_t now_s = od_clock_us() / 1000000;
    struct od_str id = od_cloudevent_id(d, a), body = od_message_body(d, h->conf->source, a);
    struct od_str *headers = OD_NEW_ARRAY(a, struct od_str, HEADERS);
    size_t n = 0;
    headers[n++] = OD_STR("content-type: application/cloudevents+json; charset=utf-8");
    headers[n++] = od_arena_printf(a, "webhook-id: %s", id.ptr);
    headers[n++] = od_arena_printf(a, "webhook-timestamp: %lld", (long long)now_s);
    struct od_str signature = od_message_signature(&h->secrets, id, now_s, body, a);
    if (signature.len)
        headers[n++] = od_arena_printf(a, "webhook-signature: %s", signature.ptr);
    od_http_client_send(h->client, &(struct od_http_call){
                                       .url = h->conf->url,
                                       .headers = headers,
                                       .header_count = n,
                                       .body = body,
                                       .ctx = at,
                                       .done = on_answer,
                                   });
}

static void deliver(void *target, struct od_delivery *const *batch, size_t n)
{
    for (size_t i = 0; i < n; i++)
        begin(target, batch[i]);
}

static void on_closed(void *ctx)
{
    struct webhook *h = ctx;
    void (*closed)(void *ctx) = h->closed;
    void *closed_ctx = h->closed_ctx;
    free(h);
    closed(closed_ctx);
}

static void close_target(void *target, void (*closed)(void *ctx), void *ctx)
{
    struct webhook *h = target;
    h->closed = closed;
    h->closed_ctx = ctx;
    od_http_client_free(h->client, on_closed, h);
}

const struct od_target_kind od_target_webhook = {
    .name = "webhook",
    .help = "Signed HTTP requests to somebody's server.",
    .keys = keys,
    .key_count = sizeof keys / sizeof *keys,
    .conf_size = sizeof(struct webhook_conf),
    .concurrency = AT_ONCE,
    .waits = waits,
    .wait_count = sizeof waits / sizeof *waits,
    .disable_after_ms = 5 * DAY,
    .leaves = true,
    .answers = true,
    .check = check,
    .open = open_target,
    .deliver = deliver,
    .close = close_target,
};
