#ifndef OD_HTTP_CONN_H
#define OD_HTTP_CONN_H

#include <uv.h>

#include "base/list.h"
#include "http/parser.h"
#include "http/server.h"

/*
 * The inside of the server, for http/ alone: a connection, the state that all connections share,
 * and the functions by which the files call each other.
 */

/* A connection waits for one of these. It is on the server's list of that state. All on one list
 * wait equally long, so each list is in order of deadline. */
enum od_http_conn_state {
    OD_HTTP_CONN_IDLE = 0, /* for a request */
    OD_HTTP_CONN_HEAD,     /* for the rest of a head */
    OD_HTTP_CONN_BODY,     /* for the rest of a body */
    OD_HTTP_CONN_BUSY,     /* for handlers; no deadline */
    OD_HTTP_CONN_HALF,     /* for handlers; the client has closed its half, or left */
    OD_HTTP_CONN_WRITING,  /* for the client to take a reply */
    OD_HTTP_CONN_LINGER,   /* for the client to close */
    OD_HTTP_CONN_CLOSING,  /* for libuv's close callback; no deadline */
    OD_HTTP_CONN_STATES,
};

struct od_http_conn {
    uv_tcp_t tcp;
    union {
        uv_write_t write;
        uv_shutdown_t shutdown; /* begun when nothing is left to write */
    };
    struct od_http_server *server;
    struct od_http_parser parser;
    enum od_http_conn_state state;
    struct od_list node;  /* the state's list */
    struct od_list dirty; /* the server's list of connections to flush, or none */
    struct od_list queue; /* complete requests in order of arrival */
    uint32_t queued;
    uint32_t writing;     /* requests at the queue's front that libuv is writing */
    uint64_t deadline_ms; /* the deadline of the state, in loop time */
    uint64_t serial;      /* requests begun */
    uint64_t timed;       /* the request that `deadline_ms` was set for */
    size_t unwritten;     /* bytes libuv held when the write deadline was set */
    struct od_buf stash;  /* bytes read past the pipeline's limit */
    bool final;           /* no further request is taken; it closes after the queue */
    bool polite;          /* the client closes, or has closed, so lingering is not needed */
    bool half;            /* the client sends no more; most such clients have left */
    bool stream;          /* the last request in the queue is answered by a stream */
    bool reading;
};

enum { OD_HTTP_READ_BYTES = 65536 };

struct od_http_server {
    struct od_http_conf conf;
    struct od_http_limits limits;
    uint32_t timeout_ms[OD_HTTP_CONN_STATES]; /* 0: none */
    const struct od_http_router *router;
    uv_loop_t *loop;
    uv_tcp_t listener;
    uv_idle_t flusher; /* active while `dirty` is not empty */
    uv_timer_t ticker; /* active while there are connections */
    uint64_t tick_ms;
    uint64_t ticked_ms; /* when it last ticked, in loop time */
    unsigned handles;   /* how many of the three above are not closed yet */
    bool listening, draining, stopping;
    void (*drained)(void *ctx);
    void *drained_ctx;
    struct od_list conns[OD_HTTP_CONN_STATES];
    struct od_list dirty;
    struct od_list spare_requests;
    uint32_t spare_request_count, spare_conn_count;
    struct od_list spare_conns;
    struct od_http_metrics metrics;
    int64_t date_s;  /* the second that `common` was made for */
    char common[96]; /* header lines that all replies have */
    size_t common_len;
    char address[64];
    char *hosts, *origins;               /* the texts that conf.origins refers to */
    char read_bytes[OD_HTTP_READ_BYTES]; /* parsed before the next read, so one buffer is enough */
};

/* pool.c: takes and gives back requests and connections. A few unused ones are kept for reuse. */
struct od_http_request *od_http_request_take(struct od_http_server *server);
void od_http_request_give(struct od_http_request *req);
struct od_http_conn *od_http_conn_take(struct od_http_server *server);
void od_http_conn_give(struct od_http_conn *conn);
void od_http_pool_fini(struct od_http_server *server);

/* conn.c */
/* Accepts from the listener; `refuse` answers 503. */
void od_http_conn_accept(struct od_http_server *server, bool refuse);
/* Closes at once and drops the replies under way. Harmless when it is closing already. */
void od_http_conn_close(struct od_http_conn *conn);
/* Takes no further requests and closes when the queue is empty. */
void od_http_conn_finish(struct od_http_conn *conn);
/* The deadline of the connection's state has passed. The connection leaves the front of its
 * list. */
void od_http_conn_expire(struct od_http_conn *conn);
/* Goes on after a flush: it reads again, lets the client send a body, or closes, and sets the
 * deadline. */
void od_http_conn_settle(struct od_http_conn *conn);

/* write.c: writes the replies whose turn it is. */
void od_http_conn_flush(struct od_http_conn *conn);
/* stream.c: writes what there is of a stream whose turn it is. */
void od_http_conn_flush_stream(struct od_http_conn *conn);

/* reply.c: fills head_out and drops a body that must not be sent. common: the header lines that all
 * replies have. */
void od_http_reply_render(struct od_http_request *req, struct od_str common, bool close);

/* dispatch.c */
/* Hands a complete request to its route's handler, or answers it. */
void od_http_dispatch(struct od_http_request *req);
/* Answers a request that broke the protocol or a limit before it was complete. */
void od_http_dispatch_fault(struct od_http_request *req, enum od_http_fault fault,
                            const char *detail);

/* foreign.c */
/* Says whether another site's web page sent the request, and which header tells so. */
enum od_http_foreign od_http_foreign(const struct od_http_server *server,
                                     const struct od_http_request *req);
/* Answers such a request with 403. */
void od_http_foreign_refuse(struct od_http_request *req, enum od_http_foreign what);
/* Whether a page of another site could have sent the request as a form. */
bool od_http_form_like(const struct od_http_request *req);

/* server.c */
/* The handler has replied: the server counts the reply and tells the connection. */
void od_http_host_sent(struct od_http_request *req);
/* Counts a reply, and tells its connection, if there still is one, that there is something to
 * write. */
void od_http_host_replied(struct od_http_request *req);
void od_http_host_dirty(struct od_http_conn *conn);
/* Returns the header lines that all replies have, with the date. */
struct od_str od_http_host_common(struct od_http_server *server);
void od_http_host_opened(struct od_http_server *server); /* a connection */
void od_http_host_closed(struct od_http_server *server);
/* Something has ended. When it was the last, draining is finished. */
void od_http_host_check(struct od_http_server *server);

#endif
