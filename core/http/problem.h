#ifndef OD_HTTP_PROBLEM_H
#define OD_HTTP_PROBLEM_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/*
 * Every error is answered with a problem document (RFC 9457): {type, title, status, detail, code,
 * errors, policy, decisionId, …}. `type` is the stable relative reference "/problems/<code>". Texts
 * are for the caller, so they never show a path, SQL or a stack.
 */

struct od_http_request;

struct od_problem_error {
    struct od_str pointer; /* RFC 6901, into the request's body: "/items/0/qty" */
    struct od_str detail;
};

struct od_problem_member {
    const char *key;
    struct od_str json; /* a value that is JSON already */
};

struct od_problem {
    int status;
    const char *code;     /* "unknown_sku" */
    const char *title;    /* NULL: the status's phrase */
    struct od_str detail; /* absent: the member is left out; so are the next two */
    struct od_str policy; /* the policy that refused */
    struct od_str decision_id;
    const struct od_problem_error *errors;
    size_t error_count;
    const struct od_problem_member *extra;
    size_t extra_count;
    unsigned retry_after_s; /* 0: no Retry-After header */
};

/* Appends the document. */
void od_problem_write(struct od_buf *b, const struct od_problem *p);

/* Replies with the document and drops whatever was written to the body before. */
void od_problem_send(struct od_http_request *req, const struct od_problem *p);
void od_problem_sendf(struct od_http_request *req, int status, const char *code, const char *detail,
                      ...) OD_PRINTF(4, 5);

#endif
