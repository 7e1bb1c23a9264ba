#ifndef OD_HTTP_FAULT_H
#define OD_HTTP_FAULT_H

/*
 * The ways a connection can break the protocol or a limit. Each is answered with a problem document
 * and ends its connection, because the place where the next request would begin is no longer known
 * or no longer trusted.
 */
enum od_http_fault {
    OD_HTTP_FAULT_NONE = 0,
    OD_HTTP_FAULT_MALFORMED,      /* 400: not HTTP by RFC 9112 */
    OD_HTTP_FAULT_HOST,           /* 400: Host missing, doubled or not a host */
    OD_HTTP_FAULT_TARGET,         /* 400: the request target does not decode */
    OD_HTTP_FAULT_HEADER_TIMEOUT, /* 408 */
    OD_HTTP_FAULT_BODY_TIMEOUT,   /* 408 */
    OD_HTTP_FAULT_BODY_SIZE,      /* 413 */
    OD_HTTP_FAULT_EXPECT,         /* 417: an expectation other than 100-continue */
    OD_HTTP_FAULT_HEADER_SIZE,    /* 431 */
    OD_HTTP_FAULT_METHOD,         /* 501: CONNECT */
    OD_HTTP_FAULT_CODING,         /* 501: a transfer coding other than chunked */
    OD_HTTP_FAULT_CONNECTIONS,    /* 503: too many connections */
    OD_HTTP_FAULT_VERSION,        /* 505: not HTTP/1 */
    OD_HTTP_FAULTS,
};

struct od_http_fault_info {
    int status;
    const char *code;   /* the code of the problem document and the label of the metric */
    const char *detail; /* for people, when nothing more precise is known */
};

/* Returns how a fault is answered; fault: any but NONE. */
const struct od_http_fault_info *od_http_fault_info(enum od_http_fault fault);

#endif
