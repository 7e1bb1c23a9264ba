#include "api/access/provider.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/json/json.h"
#include "base/list.h"
#include "base/log.h"
#include "http/client/client.h"

enum { KEEP = 256 << 10, DEPTH = 16 };
#define SECOND_US INT64_C(1000000)
#define HOUR_US   (3600 * SECOND_US)
#define AGAIN_US  (5 * SECOND_US) /* between two reads for keys that are not known */

/* A text at the provider. */
struct page {
    struct od_provider *owner;
    const char *what;
    struct od_buf url, text; /* the URL ends in a NUL */
    int64_t read_us;         /* monotonic; 0: never */
    bool reading;
    struct od_list waiters;
};

struct waiter {
    struct od_list link;
    void (*done)(struct page *page, const struct waiter *w);
    void (*know)(void *ctx, const struct od_provider_facts *facts);
    void (*keys)(void *ctx, struct od_str jwks);
    void *ctx;
};

struct od_provider {
    const struct od_oidc_conf *conf;
    struct od_http_client *client;
    struct page configuration, jwks;
    struct od_buf authorization; /* the header */
    struct od_arena arena;       /* of the facts */
    struct od_provider_facts facts;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

void od_form_encode(struct od_buf *out, struct od_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                     (c && strchr("-._~", c));
        if (plain)
            od_buf_char(out, (char)c);
        else
            od_buf_printf(out, "%%%02X", c);
    }
}

/* ---- pages */

static void page_init(struct page *p, struct od_provider *owner, const char *what)
{
    *p = (struct page){.owner = owner, .what = what};
    od_buf_init(&p->url, 4096);
    od_buf_init(&p->text, KEEP);
    od_list_init(&p->waiters);
}

static void page_fini(struct page *p)
{
    od_buf_fini(&p->url);
    od_buf_fini(&p->text);
}

static void serve(struct page *p)
{
    struct od_list all;
    od_list_init(&all);
    od_list_splice(&all, &p->waiters);
    for (struct od_list *first = od_list_shift(&all); first; first = od_list_shift(&all)) {
        struct waiter *w = OD_LIST_ENTRY(first, struct waiter, link);
        w->done(p, w);
        free(w);
    }
}

static bool is_own(struct od_str url, bool allow_private)
{
    return od_str_starts_with(url, OD_STR("https://")) ||
           (allow_private && od_str_starts_with(url, OD_STR("http://")));
}

static struct od_str member(const struct od_json *o, const char *name)
{
    const struct od_json *v = od_json_get(o, name);
    return v && v->type == OD_JSON_STRING ? v->text : OD_STR("");
}

/* Reads the configuration. The issuer that it names must be the one that it was asked of (OpenID
 * Connect Discovery 1.0, section 4.3). */
static bool read_facts(struct od_provider *p, struct od_str text)
{
    struct od_json *o;
    struct od_err err;
    od_arena_reset(&p->arena);
    p->facts = (struct od_provider_facts){0};
    if (od_json_parse(&p->arena, od_arena_str(&p->arena, text), DEPTH, &o, &err) ||
        !od_str_eq(member(o, "issuer"), p->conf->issuer))
        return false;
    struct od_str jwks = member(o, "jwks_uri");
    struct od_provider_facts facts = {
        od_arena_str(&p->arena, member(o, "authorization_endpoint")),
        od_arena_str(&p->arena, member(o, "token_endpoint")),
    };
    bool own = p->conf->allow_private;
    if (!is_own(jwks, own) || !is_own(facts.authorization_endpoint, own) ||
        !is_own(facts.token_endpoint, own))
        return false;
    if (!od_str_eq(od_str_slice(od_buf_view(&p->jwks.url), 0, jwks.len), jwks))
        p->jwks.read_us = 0;
    od_buf_reset(&p->jwks.url);
    od_buf_str(&p->jwks.url, jwks);
    od_buf_char(&p->jwks.url, '\0');
    p->facts = facts;
    return !p->jwks.url.overflow;
}

static void on_page(void *ctx, const struct od_http_answer *answer)
{
    struct page *page = ctx;
    struct od_provider *p = page->owner;
    page->reading = false;
    bool good = answer->status == 200 && (page != &p->configuration || read_facts(p, answer->body));
    if (good) {
        od_buf_reset(&page->text);
        od_buf_str(&page->text, answer->body);
        page->read_us = od_clock_monotonic_us();
    } else if (!answer->closed) {
        od_warn("oidc_provider", "what=%s status=%d reason=\"%s\"", page->what, answer->status,
                answer->error ? answer->error : "the answer makes no sense");
    }
    serve(page);
}

static void read_page(struct page *page)
{
    if (page->reading)
        return;
    page->reading = true;
    const struct od_http_call call = {
        .url = od_str_n(page->url.ptr, page->url.len - 1),
        .get = true,
        .keep = KEEP,
        .ctx = page,
        .done = on_page,
    };
    od_http_client_send(page->owner->client, &call);
}

static void want(struct page *page, int64_t age_us, const struct waiter *w)
{
    if (page->read_us && od_clock_monotonic_us() - page->read_us < age_us) {
        w->done(page, w);
        return;
    }
    struct waiter *kept = malloc(sizeof *kept);
    if (!kept)
        abort();
    *kept = *w;
    od_list_push(&page->waiters, &kept->link);
    read_page(page);
}

/* ---- what there is to know */

static bool is_known(const struct page *page)
{
    return page->read_us && od_clock_monotonic_us() - page->read_us < 2 * HOUR_US;
}

static void tell_facts(struct page *page, const struct waiter *w)
{
    w->know(w->ctx,
            is_known(page) && page->owner->facts.token_endpoint.ptr ? &page->owner->facts : NULL);
}

void od_provider_know(struct od_provider *p,
                      void (*done)(void *ctx, const struct od_provider_facts *facts), void *ctx)
{
    want(&p->configuration, HOUR_US,
         &(struct waiter){.done = tell_facts, .know = done, .ctx = ctx});
}

static void tell_keys(struct page *page, const struct waiter *w)
{
    w->keys(w->ctx, is_known(page) ? od_buf_view(&page->text) : OD_STR_NONE);
}

void od_provider_keys(struct od_provider *p, bool renew,
                      void (*done)(void *ctx, struct od_str jwks), void *ctx)
{
    want(&p->jwks, renew ? AGAIN_US : HOUR_US,
         &(struct waiter){.done = tell_keys, .keys = done, .ctx = ctx});
}

/* ---- the token endpoint */

struct post {
    struct od_str headers[2];
    void (*done)(void *ctx, int status, struct od_str answer);
    void *ctx;
};

static void on_posted(void *ctx, const struct od_http_answer *answer)
{
    struct post *post = ctx;
    if (answer->status == 0 && !answer->closed)
        od_warn("oidc_provider", "what=token reason=\"%s\"", answer->error);
    post->done(post->ctx, answer->status, answer->body);
    free(post);
}

void od_provider_post(struct od_provider *p, struct od_str url, struct od_str body,
                      void (*done)(void *ctx, int status, struct od_str answer), void *ctx)
{
    struct post *post = malloc(sizeof *post);
    if (!post)
        abort();
    *post = (struct post){
        .headers = {OD_STR("Content-Type: application/x-www-form-urlencoded"),
                    od_buf_view(&p->authorization)},
        .done = done,
        .ctx = ctx,
    };
    const struct od_http_call call = {
        .url = url,
        .headers = post->headers,
        .header_count = p->authorization.len ? 2 : 1,
        .body = body,
        .keep = KEEP,
        .ctx = post,
        .done = on_posted,
    };
    od_http_client_send(p->client, &call);
}

/* RFC 6749, section 2.3.1: both are form-encoded before they are joined. */
static void make_authorization(struct od_provider *p)
{
    struct od_buf pair;
    od_buf_init(&p->authorization, 8192);
    if (p->conf->client_secret.len == 0)
        return;
    od_buf_init(&pair, 4096);
    od_form_encode(&pair, p->conf->client_id);
    od_buf_char(&pair, ':');
    od_form_encode(&pair, p->conf->client_secret);
    od_buf_str(&p->authorization, OD_STR("Authorization: Basic "));
    od_base64(&p->authorization, od_buf_view(&pair));
    od_buf_char(&p->authorization, '\0'); /* libcurl reads a C string */
    p->authorization.len--;
    od_buf_fini(&pair);
}

struct od_provider *od_provider_new(struct od_loop *loop, const struct od_oidc_conf *conf)
{
    struct od_provider *p = calloc(1, sizeof *p);
    const struct od_http_client_conf client = {
        .allow_private = conf->allow_private,
        .ca_file = conf->ca_file,
        .timeout_ms = conf->timeout_ms,
        .answer_max = KEEP,
    };
    if (!p)
        abort();
    p->conf = conf;
    p->client = od_http_client_new(loop, &client);
    od_arena_init(&p->arena);
    page_init(&p->configuration, p, "configuration");
    page_init(&p->jwks, p, "keys");
    od_buf_str(&p->configuration.url, conf->issuer);
    if (od_str_ends_with(conf->issuer, OD_STR("/")))
        p->configuration.url.len--;
    od_buf_str(&p->configuration.url, OD_STR("/.well-known/openid-configuration"));
    od_buf_char(&p->configuration.url, '\0');
    make_authorization(p);
    return p;
}

static void on_closed(void *ctx)
{
    struct od_provider *p = ctx;
    void (*closed)(void *ctx) = p->closed;
    void *closed_ctx = p->closed_ctx;
    page_fini(&p->configuration);
    page_fini(&p->jwks);
    od_buf_fini(&p->authorization);
    od_arena_fini(&p->arena);
    free(p);
    closed(closed_ctx);
}

void od_provider_free(struct od_provider *p, void (*closed)(void *ctx), void *ctx)
{
    p->closed = closed;
    p->closed_ctx = ctx;
    od_http_client_free(p->client, on_closed, p);
}
