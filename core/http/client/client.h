#ifndef OD_HTTP_CLIENT_CLIENT_H
#define OD_HTTP_CLIENT_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "loop/loop.h"

/*
 * Sends HTTP requests on the loop, by libcurl. It is made for addresses that somebody else may have
 * chosen: redirects are not followed, no proxy of the environment is used, an answer has a maximum
 * of bytes and of time, and the address that a name has come to is looked at when its socket is
 * made, so that no name can be bound anew to a private one in between.
 */
struct od_http_client;
struct od_http_answer;

struct od_http_client_conf {
    bool allow_private;    /* also loopback, private and link-local addresses */
    struct od_str ca_file; /* certificates to trust instead of the system's; empty: those */
    int64_t timeout_ms;    /* for a request as a whole; connecting may take half of it */
    size_t answer_max;     /* bytes of a body that are read; then the answer ends */
};

/* Strings are borrowed until `done`. */
struct od_http_call {
    struct od_str url;            /* http:// or https:// */
    const struct od_str *headers; /* [header_count] "name: value" */
    size_t header_count;
    bool get; /* it is a GET, without a body; else a POST */
    struct od_str body;
    size_t keep; /* bytes of the answer's body to keep at most; 0: OD_HTTP_ANSWER_KEPT */
    void *ctx;
    /* Called once, later; *answer is borrowed. */
    void (*done)(void *ctx, const struct od_http_answer *answer);
};

/* More than a target keeps of it (OD_ANSWER_KEPT): who cuts it there sees whether inside a
 * character. */
enum { OD_HTTP_ANSWER_KEPT = 4096 + 4 };

struct od_http_answer {
    int status;            /* 0: there was no answer, or not a whole one */
    struct od_str body;    /* its beginning, as much as the call keeps */
    const char *error;     /* status 0: what went wrong */
    int64_t retry_after_s; /* 0: it does not say */
    bool closed;           /* the client was closed before there was an answer */
};

/* conf's strings are borrowed as long as the client lives. */
struct od_http_client *od_http_client_new(struct od_loop *loop,
                                          const struct od_http_client_conf *conf);
void od_http_client_send(struct od_http_client *c, const struct od_http_call *call);
/* Requests under way are done at once (`closed`); then, later, closed(ctx). */
void od_http_client_free(struct od_http_client *c, void (*closed)(void *ctx), void *ctx);

#endif
