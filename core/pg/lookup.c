#include "pg/lookup.h"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "pg/conn.h"

#define MAX_HOSTS   OD_PG_HOSTS_MAX
#define MAX_OPTIONS 64

struct od_pg_lookup {
    struct od_loop *loop;
    struct od_deferred start;
    uv_getaddrinfo_t request;
    void (*done)(void *ctx, const char *const *keywords, const char *const *values,
                 const struct od_err *err);
    void *ctx;
    PQconninfoOption *options;
    struct od_err err; /* the last name that could not be resolved */
    unsigned rotation;
    size_t host_count, next;
    struct od_str hosts[MAX_HOSTS], ports[MAX_HOSTS]; /* borrowed from options */
    size_t found;
    struct od_buf host_list, addr_list, port_list;
    char name[256]; /* NUL-terminated, for getaddrinfo */
};

int od_pg_conninfo_check(const char *conninfo, struct od_err *err)
{
    char *why = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &why);
    if (options) {
        PQconninfoFree(options);
        return 0;
    }
    od_err_set(err, OD_ERR_CONFIG, "database URL: %.*s",
               OD_STR_ARG(od_str_trim(od_str_of(why ? why : "out of memory"))));
    PQfreemem(why);
    return -1;
}

static const char *option(const struct od_pg_lookup *l, const char *keyword)
{
    for (const PQconninfoOption *o = l->options; o->keyword; o++) {
        if (strcmp(o->keyword, keyword) == 0)
            return o->val && o->val[0] ? o->val : NULL;
    }
    return NULL;
}

static void finish(struct od_pg_lookup *l)
{
    od_buf_fini(&l->host_list);
    od_buf_fini(&l->addr_list);
    od_buf_fini(&l->port_list);
    PQconninfoFree(l->options);
    free(l);
}

static void add(struct od_pg_lookup *l, struct od_str host, const char *addr, struct od_str port)
{
    struct od_buf *lists[] = {&l->host_list, &l->addr_list, &l->port_list};
    for (size_t i = 0; l->found > 0 && i < 3; i++)
        od_buf_char(lists[i], ',');
    od_buf_str(&l->host_list, host);
    od_buf_str(&l->addr_list, od_str_of(addr));
    od_buf_str(&l->port_list, port);
    l->found++;
}

/*
 * Unless the conninfo has its own. The kernel notices a peer that vanished without a reset after
 * about two hours: by these, an idle connection is dropped after 25 s, and one that owes us an
 * acknowledgement after 20 s. libpq ignores them on Unix sockets.
 */
static const char *const defaults[][2] = {
    {"keepalives_idle", "10"},
    {"keepalives_interval", "5"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "20000"},
};

static void report(struct od_pg_lookup *l)
{
    const char *keywords[MAX_OPTIONS + 1], *values[MAX_OPTIONS + 1];
    size_t n = 0;
    bool resolved = l->host_count > 0;

    if (l->err.code != OD_ERR_NONE && l->found == 0) {
        l->done(l->ctx, NULL, NULL, &l->err);
        return;
    }
    for (const PQconninfoOption *o = l->options; o->keyword && n < MAX_OPTIONS - 10; o++) {
        bool ours = strcmp(o->keyword, "host") == 0 || strcmp(o->keyword, "hostaddr") == 0 ||
                    strcmp(o->keyword, "port") == 0;
        if (!o->val || !o->val[0] || (resolved && ours))
            continue;
        keywords[n] = o->keyword;
        values[n++] = o->val;
    }
    struct od_buf *lists[] = {&l->host_list, &l->addr_list, &l->port_list};
    static const char *const names[] = {"host", "hostaddr", "port"};
    for (size_t i = 0; resolved && i < 3; i++) {
        od_buf_char(lists[i], '\0');
        keywords[n] = names[i];
        values[n++] = lists[i]->ptr;
    }
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        if (option(l, defaults[i][0]))
            continue;
        keywords[n] = defaults[i][0];
        values[n++] = defaults[i][1];
    }
    if (l->host_count > 1 && !option(l, "target_session_attrs")) { /* standbys refuse to write */
        keywords[n] = "target_session_attrs";
        values[n++] = "primary";
    }
    keywords[n] = "client_encoding";
    values[n++] = "UTF8";
    keywords[n] = "fallback_application_name";
    values[n++] = "orderd";
    keywords[n] = values[n] = NULL;
    l->done(l->ctx, keywords, values, NULL);
}

static void step(struct od_pg_lookup *l);

static void on_addresses(uv_getaddrinfo_t *request, int status, struct addrinfo *list)
{
    struct od_pg_lookup *l = request->data;
    size_t i = (l->next - 1 + l->rotation) % l->host_count;

    if (!l->done) {
        uv_freeaddrinfo(list);
        finish(l);
        return;
    }
    if (status < 0)
        od_err_set(&l->err, OD_ERR_UNAVAILABLE, "cannot resolve %s: %s", l->name,
                   uv_strerror(status));
    for (struct addrinfo *a = list; status == 0 && a; a = a->ai_next) {
        char text[128]; /* an IPv6 address with its zone */
        if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0)
            add(l, l->hosts[i], text, l->ports[i]);
    }
    uv_freeaddrinfo(list);
    step(l);
}

static bool needs_lookup(const char *host)
{
    unsigned char scratch[sizeof(struct in6_addr)];
    return host[0] != '\0' && host[0] != '/' && host[0] != '@' &&
           inet_pton(AF_INET, host, scratch) != 1 && inet_pton(AF_INET6, host, scratch) != 1;
}

/* Takes hosts up to the next one that has to be looked up. */
static void step(struct od_pg_lookup *l)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC};

    while (l->next < l->host_count) {
        size_t i = (l->next++ + l->rotation) % l->host_count;
        snprintf(l->name, sizeof l->name, "%.*s", OD_STR_ARG(l->hosts[i]));
        if (!needs_lookup(l->name)) {
            add(l, l->hosts[i], "", l->ports[i]);
            continue;
        }
        l->request.data = l;
        int rc = uv_getaddrinfo(&l->loop->uv, &l->request, on_addresses, l->name, NULL, &hints);
        if (rc == 0)
            return;
        od_err_set(&l->err, OD_ERR_UNAVAILABLE, "cannot resolve %s: %s", l->name, uv_strerror(rc));
    }
    report(l);
    finish(l);
}

/* Cuts the host and port lists; without a host, or with addresses given, libpq needs no help. */
static void split(struct od_pg_lookup *l)
{
    const char *host = option(l, "host");
    const char *port = option(l, "port");
    if (!host)
        host = getenv("PGHOST");
    if (!port)
        port = getenv("PGPORT");
    if (!host || !host[0] || option(l, "hostaddr") || getenv("PGHOSTADDR"))
        return;

    struct od_str hosts = od_str_of(host), ports = od_str_of(port), last = OD_STR(""), piece;
    while (l->host_count < MAX_HOSTS && od_str_cut(&hosts, ',', &piece)) {
        l->hosts[l->host_count] = piece;
        if (od_str_cut(&ports, ',', &piece))
            last = piece; /* one port for all hosts stays the last one cut */
        l->ports[l->host_count++] = last;
    }
}

unsigned od_pg_lookup_hosts(const char *conninfo)
{
    struct od_pg_lookup l = {.options = PQconninfoParse(conninfo, NULL)};
    if (!l.options)
        return 1;
    split(&l);
    PQconninfoFree(l.options);
    return l.host_count ? (unsigned)l.host_count : 1;
}

unsigned od_pg_lookup_rotation(const char *conninfo, const char *host, const char *port)
{
    struct od_pg_lookup l = {.options = PQconninfoParse(conninfo, NULL)};
    size_t i = 0;
    if (!l.options)
        return 0;
    split(&l);
    while (i < l.host_count && !(od_str_is(l.hosts[i], host) &&
                                 od_str_is(l.ports[i].len ? l.ports[i] : OD_STR("5432"), port)))
        i++;
    unsigned rotation = i < l.host_count ? (unsigned)i : 0;
    PQconninfoFree(l.options);
    return rotation;
}

static void on_start(void *ctx)
{
    struct od_pg_lookup *l = ctx;
    if (l->err.code != OD_ERR_NONE) {
        l->done(l->ctx, NULL, NULL, &l->err);
        finish(l);
        return;
    }
    step(l);
}

struct od_pg_lookup *od_pg_lookup_new(struct od_loop *loop, const char *conninfo, unsigned rotation,
                                      void (*done)(void *ctx, const char *const *keywords,
                                                   const char *const *values,
                                                   const struct od_err *err),
                                      void *ctx)
{
    struct od_pg_lookup *l = calloc(1, sizeof *l);
    if (!l)
        abort();
    l->loop = loop;
    l->done = done;
    l->ctx = ctx;
    l->rotation = rotation;
    od_buf_init(&l->host_list, 65536);
    od_buf_init(&l->addr_list, 65536);
    od_buf_init(&l->port_list, 65536);
    if (od_pg_conninfo_check(conninfo, &l->err) == 0) {
        l->options = PQconninfoParse(conninfo, NULL);
        split(l);
    }
    od_deferred_init(&l->start, loop, on_start, l);
    od_deferred_arm(&l->start);
    return l;
}

void od_pg_lookup_cancel(struct od_pg_lookup *l)
{
    if (!l)
        return;
    if (l->next == 0) {
        od_deferred_cancel(&l->start);
        finish(l);
        return;
    }
    l->done = NULL; /* a request is under way: it frees l when it ends */
    uv_cancel((uv_req_t *)&l->request);
}
