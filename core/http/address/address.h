#ifndef OD_HTTP_ADDRESS_ADDRESS_H
#define OD_HTTP_ADDRESS_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/str.h"

/* Where to listen: "127.0.0.1:8080", "[::1]:8080", port 0 for any free one. Names are not resolved,
 * because that may block; "localhost" is understood as 127.0.0.1. */
int od_http_address_parse(struct od_str text, struct sockaddr_storage *out,
                          struct od_err *err) OD_MUST_CHECK;

/* Only this machine can connect to it. */
bool od_http_address_loopback(const struct sockaddr_storage *address);

/* The same of an address as Host has it, without a port: "127.0.0.2", "[::1]"; false of names. */
bool od_http_host_loopback(struct od_str host);

/* "127.0.0.1:8080", "[::1]:8080"; out holds at least 64 bytes. */
#define OD_HTTP_ADDRESS_TEXT 64
void od_http_address_format(const struct sockaddr_storage *address, char out[OD_HTTP_ADDRESS_TEXT]);

/* A non-blocking stream socket bound to it, or -1. With reuse_port several processes may share it.
 */
int od_http_address_bind(const struct sockaddr_storage *address, bool reuse_port,
                         struct od_err *err) OD_MUST_CHECK;

#endif
