#include "http/client/client.h"

#include <curl/curl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "base/list.h"
#include "http/client/public.h"

enum { IDLE_S = 60, NAME_MAX_BYTES = 64 };

struct request {
    struct od_http_client *client;
    struct od_list node;
    struct od_http_call call;
    CURL *easy;
    struct curl_slist *headers;
    char body[OD_HTTP_ANSWER_KEPT];
    size_t kept, read;
    bool cut;                     /* the answer was longer than what is read of it */
    char refused[NAME_MAX_BYTES]; /* the address that may not be used; "": none */
    char error[CURL_ERROR_SIZE + NAME_MAX_BYTES];
};

/* A socket of libcurl's that the loop watches. */
struct watched {
    uv_poll_t poll;
    struct od_http_client *client;
    curl_socket_t fd;
};

struct od_http_client {
    struct od_http_client_conf conf;
    uv_loop_t *uv;
    uv_timer_t timer;
    CURLM *multi;
    struct od_list requests;
    unsigned handles; /* of the loop that are open */
    void (*closed)(void *ctx);
    void *ctx;
};

/* ---- the loop */

static void handle_closed(struct od_http_client *c)
{
    void (*closed)(void *ctx) = c->closed;
    void *ctx = c->ctx;
    if (--c->handles > 0 || !closed)
        return;
    free(c);
    closed(ctx);
}

static void on_poll_closed(uv_handle_t *h)
{
    struct watched *w = h->data;
    struct od_http_client *c = w->client;
    free(w);
    handle_closed(c);
}

static void on_timer_closed(uv_handle_t *h)
{
    handle_closed(h->data);
}

static void finish(struct request *r, const struct od_http_answer *answer)
{
    od_list_remove(&r->node);
    curl_multi_remove_handle(r->client->multi, r->easy);
    curl_easy_cleanup(r->easy);
    curl_slist_free_all(r->headers);
    r->call.done(r->call.ctx, answer);
    free(r);
}

static void complete(struct request *r, CURLcode code)
{
    struct od_http_answer answer = {.body = od_str_n(r->body, r->kept)};
    long status = 0;
    curl_off_t retry_after = 0;
    curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(r->easy, CURLINFO_RETRY_AFTER, &retry_after);
    if (code == CURLE_OK || r->cut) {
        answer.status = (int)status;
        answer.retry_after_s = retry_after;
    } else if (r->refused[0]) {
        snprintf(r->error, sizeof r->error, "%s is not a public address", r->refused);
        answer.error = r->error;
    } else {
        answer.error = r->error[0] ? r->error : curl_easy_strerror(code);
    }
    finish(r, &answer);
}

static void complete_all(struct od_http_client *c)
{
    int left;
    for (CURLMsg *m; (m = curl_multi_info_read(c->multi, &left));) {
        struct request *r;
        if (m->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &r);
        complete(r, m->data.result);
    }
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    const struct watched *w = poll->data;
    struct od_http_client *c = w->client;
    int running, flags = status < 0 ? CURL_CSELECT_ERR : 0;
    flags |= events & UV_READABLE ? CURL_CSELECT_IN : 0;
    flags |= events & UV_WRITABLE ? CURL_CSELECT_OUT : 0;
    curl_multi_socket_action(c->multi, w->fd, flags, &running);
    complete_all(c);
}

static void on_timer(uv_timer_t *timer)
{
    struct od_http_client *c = timer->data;
    int running;
    curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    complete_all(c);
}

/* libcurl wants a socket watched, or no more. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *socket_ctx)
{
    struct od_http_client *c = ctx;
    struct watched *w = socket_ctx;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (w) {
            uv_poll_stop(&w->poll);
            curl_multi_assign(c->multi, fd, NULL);
            uv_close((uv_handle_t *)&w->poll, on_poll_closed);
        }
        return 0;
    }
    if (!w) {
        w = calloc(1, sizeof *w);
        if (!w)
            abort();
        w->client = c;
        w->fd = fd;
        if (uv_poll_init_socket(c->uv, &w->poll, fd)) {
            free(w);
            return -1;
        }
        w->poll.data = w;
        c->handles++;
        curl_multi_assign(c->multi, fd, w);
    }
    uv_poll_start(&w->poll,
                  (what & CURL_POLL_IN ? UV_READABLE : 0) |
                      (what & CURL_POLL_OUT ? UV_WRITABLE : 0),
                  on_poll);
    return 0;
}

/* Never inside of this call: libcurl asks for that. */
static int on_timeout(CURLM *multi, long ms, void *ctx)
{
    struct od_http_client *c = ctx;
    (void)multi;
    if (ms < 0)
        uv_timer_stop(&c->timer);
    else
        uv_timer_start(&c->timer, on_timer, ms ? (uint64_t)ms : 1, 0);
    return 0;
}

/* ---- one request */

static size_t on_body(char *data, size_t size, size_t count, void *ctx)
{
    struct request *r = ctx;
    size_t n = size * count, room = sizeof r->body - r->kept;
    size_t keep = n < room ? n : room;
    memcpy(r->body + r->kept, data, keep);
    r->kept += keep;
    r->read += n;
    r->cut = r->read > r->client->conf.answer_max;
    return r->cut ? 0 : n;
}

/* The name has come to an address: this is where it is looked at. */
static curl_socket_t on_open(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct request *r = ctx;
    if (purpose != CURLSOCKTYPE_IPCXN)
        return CURL_SOCKET_BAD;
    if (!r->client->conf.allow_private && !od_address_is_public(&address->addr)) {
        getnameinfo(&address->addr, address->addrlen, r->refused, sizeof r->refused, NULL, 0,
                    NI_NUMERICHOST);
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void set_up(struct request *r)
{
    const struct od_http_client_conf *conf = &r->client->conf;
    CURL *e = r->easy;
    curl_easy_setopt(e, CURLOPT_URL, r->call.url.ptr);
    curl_easy_setopt(e, CURLOPT_PRIVATE, r);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, r->error);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)conf->timeout_ms);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)(conf->timeout_ms / 2));
    curl_easy_setopt(e, CURLOPT_MAXAGE_CONN, (long)IDLE_S);
    curl_easy_setopt(e, CURLOPT_USERAGENT, "orderd/" OD_VERSION);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_open);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, r);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, r);
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, r->headers);
    curl_easy_setopt(e, CURLOPT_POST, 1L);
    curl_easy_setopt(e, CURLOPT_POSTFIELDS, r->call.body.ptr);
    curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->call.body.len);
    if (conf->ca_file.len)
        curl_easy_setopt(e, CURLOPT_CAINFO, conf->ca_file.ptr);
}

void od_http_client_send(struct od_http_client *c, const struct od_http_call *call)
{
    struct request *r = calloc(1, sizeof *r);
    if (!r || !(r->easy = curl_easy_init()))
        abort();
    r->client = c;
    r->call = *call;
    for (size_t i = 0; i < call->header_count; i++)
        r->headers = curl_slist_append(r->headers, call->headers[i].ptr);
    r->headers = curl_slist_append(r->headers, "Expect:"); /* no round trip before the body */
    set_up(r);
    od_list_push(&c->requests, &r->node);
    if (curl_multi_add_handle(c->multi, r->easy) != CURLM_OK)
        abort(); /* it is a new one of ours */
}

struct od_http_client *od_http_client_new(struct od_loop *loop,
                                          const struct od_http_client_conf *conf)
{
    static bool ready;
    struct od_http_client *c = calloc(1, sizeof *c);
    if (!ready && curl_global_init(CURL_GLOBAL_DEFAULT))
        abort();
    ready = true;
    if (!c || !(c->multi = curl_multi_init()))
        abort();
    c->conf = *conf;
    c->uv = &loop->uv;
    od_list_init(&c->requests);
    uv_timer_init(c->uv, &c->timer);
    c->timer.data = c;
    c->handles = 1;
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
    return c;
}

void od_http_client_free(struct od_http_client *c, void (*closed)(void *ctx), void *ctx)
{
    const struct od_http_answer answer = {.error = "closed", .closed = true};
    c->closed = closed;
    c->ctx = ctx;
    while (!od_list_empty(&c->requests))
        finish(OD_LIST_ENTRY(c->requests.next, struct request, node), &answer);
    curl_multi_cleanup(c->multi); /* closes idle connections: on_socket */
    uv_close((uv_handle_t *)&c->timer, on_timer_closed);
}
