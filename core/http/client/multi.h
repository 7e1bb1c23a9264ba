#ifndef OD_HTTP_CLIENT_MULTI_H
#define OD_HTTP_CLIENT_MULTI_H

#include <curl/curl.h>

#include "loop/loop.h"

/*
 * Runs libcurl's transfers on the loop. Its sockets are watched and its timer is kept here; whoever
 * speaks a protocol (http/client/client.h, mail/smtp.h) makes the easy handles and reads their
 * outcomes.
 */
struct od_curl;

/* done(transfer, code) is called once for each transfer that has ended, with its CURLOPT_PRIVATE;
 * it takes the handle out. */
struct od_curl *od_curl_new(struct od_loop *loop, void (*done)(void *transfer, CURLcode code));
/* How many idle connections are kept; four for each transfer under way when nothing is said. */
void od_curl_keep(struct od_curl *c, long connections);
void od_curl_add(struct od_curl *c, CURL *easy);
void od_curl_remove(struct od_curl *c, CURL *easy);
/* No transfer is left by then. Connections that are kept open are closed; closed(ctx) is called
 * later. */
void od_curl_free(struct od_curl *c, void (*closed)(void *ctx), void *ctx);

#endif
