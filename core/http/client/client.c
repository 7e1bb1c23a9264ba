#include "http/client/client.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/list.h"
#include "http/client/multi.h"
#include "http/client/public.h"

enum { IDLE_S = 60, NAME_MAX_BYTES = 64 };

struct request {
    struct od_http_client *client;
    struct od_list node;
    struct od_http_call call;
    CURL *easy;
    struct curl_slist *headers;
    struct od_buf body;
    size_t read;
    bool cut;                     /* the answer was longer than what is read of it */
    char refused[NAME_MAX_BYTES]; /* the address that may not be used; "": none */
    char error[CURL_ERROR_SIZE + NAME_MAX_BYTES];
};

struct od_http_client {
    struct od_http_client_conf conf;
    struct od_curl *curl;
    struct od_list requests;
    void (*closed)(void *ctx);
    void *ctx;
};

static void finish(struct request *r, const struct od_http_answer *answer)
{
    od_list_remove(&r->node);
    od_curl_remove(r->client->curl, r->easy);
    curl_easy_cleanup(r->easy);
    curl_slist_free_all(r->headers);
    r->call.done(r->call.ctx, answer);
    od_buf_fini(&r->body);
    free(r);
}

static void complete(void *transfer, CURLcode code)
{
    struct request *r = transfer;
    struct od_http_answer answer = {.body = od_buf_view(&r->body)};
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

/* ---- one request */

static size_t on_body(char *data, size_t size, size_t count, void *ctx)
{
    struct request *r = ctx;
    size_t n = size * count, room = r->body.max - r->body.len;
    od_buf_append(&r->body, data, n < room ? n : room);
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
    if (r->call.get) {
        curl_easy_setopt(e, CURLOPT_HTTPGET, 1L);
    } else {
        curl_easy_setopt(e, CURLOPT_POST, 1L);
        curl_easy_setopt(e, CURLOPT_POSTFIELDS, r->call.body.ptr);
        curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->call.body.len);
    }
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
    od_buf_init(&r->body, call->keep ? call->keep : OD_HTTP_ANSWER_KEPT);
    for (size_t i = 0; i < call->header_count; i++)
        r->headers = curl_slist_append(r->headers, call->headers[i].ptr);
    r->headers = curl_slist_append(r->headers, "Expect:"); /* no round trip before the body */
    set_up(r);
    od_list_push(&c->requests, &r->node);
    od_curl_add(c->curl, r->easy);
}

struct od_http_client *od_http_client_new(struct od_loop *loop,
                                          const struct od_http_client_conf *conf)
{
    struct od_http_client *c = calloc(1, sizeof *c);
    if (!c)
        abort();
    c->conf = *conf;
    od_list_init(&c->requests);
    c->curl = od_curl_new(loop, complete);
    return c;
}

static void on_closed(void *ctx)
{
    struct od_http_client *c = ctx;
    void (*closed)(void *ctx) = c->closed;
    void *closed_ctx = c->ctx;
    free(c);
    closed(closed_ctx);
}

void od_http_client_free(struct od_http_client *c, void (*closed)(void *ctx), void *ctx)
{
    const struct od_http_answer answer = {.error = "closed", .closed = true};
    c->closed = closed;
    c->ctx = ctx;
    while (!od_list_empty(&c->requests))
        finish(OD_LIST_ENTRY(c->requests.next, struct request, node), &answer);
    od_curl_free(c->curl, on_closed, c);
}
