#include "http/client/multi.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "base/list.h"

/* A socket of libcurl's that the loop watches. */
struct watched {
    uv_poll_t poll;
    struct od_curl *owner;
    curl_socket_t fd;
};

/* A connection that has carried a transfer and may be idle, when nothing watches it. */
struct open {
    struct od_list node;
    curl_socket_t fd;
};

struct od_curl {
    uv_loop_t *uv;
    struct od_list open;
    uv_timer_t timer;
    CURLM *multi;
    void (*done)(void *transfer, CURLcode code);
    unsigned handles; /* of the loop that are open */
    void (*closed)(void *ctx);
    void *ctx;
};

static void handle_closed(struct od_curl *c)
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
    struct od_curl *c = w->owner;
    free(w);
    handle_closed(c);
}

static void on_timer_closed(uv_handle_t *h)
{
    handle_closed(h->data);
}

static struct open *find_open(const struct od_curl *c, curl_socket_t fd)
{
    for (const struct od_list *n = c->open.next; n != &c->open; n = n->next) {
        struct open *o = OD_LIST_ENTRY(n, struct open, node);
        if (o->fd == fd)
            return o;
    }
    return NULL;
}

/* Remembers the connection of a transfer that has ended, if libcurl keeps it. Only now: it closes
 * sockets that never were connected without on_close. */
static void remember(struct od_curl *c, CURL *easy)
{
    curl_socket_t fd = CURL_SOCKET_BAD;
    if (curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd) || fd == CURL_SOCKET_BAD ||
        find_open(c, fd))
        return;
    struct open *o = calloc(1, sizeof *o);
    if (!o)
        abort();
    o->fd = fd;
    od_list_push(&c->open, &o->node);
}

static void complete_all(struct od_curl *c)
{
    int left;
    for (CURLMsg *m; (m = curl_multi_info_read(c->multi, &left));) {
        void *transfer = NULL;
        if (m->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &transfer);
        remember(c, m->easy_handle);
        c->done(transfer, m->data.result);
    }
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    const struct watched *w = poll->data;
    struct od_curl *c = w->owner;
    int running, flags = status < 0 ? CURL_CSELECT_ERR : 0;
    flags |= events & UV_READABLE ? CURL_CSELECT_IN : 0;
    flags |= events & UV_WRITABLE ? CURL_CSELECT_OUT : 0;
    curl_multi_socket_action(c->multi, w->fd, flags, &running);
    complete_all(c);
}

static void on_timer(uv_timer_t *timer)
{
    struct od_curl *c = timer->data;
    int running;
    curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    complete_all(c);
}

/* libcurl wants a socket watched, or no more. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *socket_ctx)
{
    struct od_curl *c = ctx;
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
        w->owner = c;
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

static int on_close(void *ctx, curl_socket_t fd)
{
    struct open *o = find_open(ctx, fd);
    if (o) {
        od_list_remove(&o->node);
        free(o);
    }
    return close(fd);
}

/* libcurl ends an idle connection of SMTP with QUIT and waits for the reply, up to two minutes, and
 * the loop with it. QUIT is still written to a connection whose reading end is shut, and its reply
 * is the end of the stream. */
static void expect_no_more(const struct od_curl *c)
{
    for (const struct od_list *n = c->open.next; n != &c->open; n = n->next)
        (void)shutdown(OD_LIST_ENTRY(n, struct open, node)->fd, SHUT_RD);
}

/* Never inside of this call: libcurl asks for that. */
static int on_timeout(CURLM *multi, long ms, void *ctx)
{
    struct od_curl *c = ctx;
    (void)multi;
    if (ms < 0)
        uv_timer_stop(&c->timer);
    else
        uv_timer_start(&c->timer, on_timer, ms ? (uint64_t)ms : 1, 0);
    return 0;
}

struct od_curl *od_curl_new(struct od_loop *loop, void (*done)(void *transfer, CURLcode code))
{
    static bool ready;
    struct od_curl *c = calloc(1, sizeof *c);
    if (!ready && curl_global_init(CURL_GLOBAL_DEFAULT))
        abort();
    ready = true;
    if (!c || !(c->multi = curl_multi_init()))
        abort();
    c->uv = &loop->uv;
    od_list_init(&c->open);
    c->done = done;
    uv_timer_init(c->uv, &c->timer);
    c->timer.data = c;
    c->handles = 1;
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
    return c;
}

void od_curl_add(struct od_curl *c, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, c);
    /* A thread that still looks up the name is left to itself. libcurl would wait for it, and with
     * it the loop, for as long as a silent server of names lets it (CURLOPT_QUICK_EXIT(3)). */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    if (curl_multi_add_handle(c->multi, easy) != CURLM_OK)
        abort(); /* it is a new one of ours */
}

void od_curl_keep(struct od_curl *c, long connections)
{
    curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, connections);
}

void od_curl_remove(struct od_curl *c, CURL *easy)
{
    curl_multi_remove_handle(c->multi, easy);
}

void od_curl_free(struct od_curl *c, void (*closed)(void *ctx), void *ctx)
{
    c->closed = closed;
    c->ctx = ctx;
    expect_no_more(c);
    curl_multi_cleanup(c->multi); /* closes idle connections: on_socket, on_close */
    for (struct od_list *n; (n = od_list_shift(&c->open));)
        free(OD_LIST_ENTRY(n, struct open, node));
    uv_close((uv_handle_t *)&c->timer, on_timer_closed);
}
