#ifndef OD_HTTP_ADDRESS_ADDRESS_H
#define OD_HTTP_ADDRESS_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/str.h"

/* Reads an address to listen on: "127.0.0.1:8080" or "[::1]:8080". Port 0 means any free one. Names
 * are not resolved, because that may block; "localhost" means 127.0.0.1. */
int od_http_address_parse(struct od_str text, struct sockaddr_storage *out,
                          struct od_err *err) OD_MUST_CHECK;

/* Whether only this machine can connect to the address. */
bool od_http_address_loopback(const struct sockaddr_storage *address);

/* Does the same for an address as the header Host has it, without a port: "127.0.0.2", "[::1]". It
 * is false for a name. */
bool od_http_host_loopback(struct od_str host);

/* Writes "127.0.0.1:8080" or "[::1]:8080" and a NUL. */
#define OD_HTTP_ADDRESS_TEXT 64
void od_http_address_format(const struct sockaddr_storage *address, char out[OD_HTTP_ADDRESS_TEXT]);

/* Returns a non-blocking stream socket that is bound to the address, or -1. With reuse_port several
 * processes may share it. */
int od_http_address_bind(const struct sockaddr_storage *address, bool reuse_port,
                         struct od_err *err) OD_MUST_CHECK;

#endif
