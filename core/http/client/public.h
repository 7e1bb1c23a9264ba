#ifndef OD_HTTP_CLIENT_PUBLIC_H
#define OD_HTTP_CLIENT_PUBLIC_H

#include <stdbool.h>
#include <sys/socket.h>

/* Whether an address belongs to the public Internet: no loopback, private, link-local, shared,
 * documentation, multicast or reserved address (RFC 6890 and the IANA registries it made), in IPv6
 * none that carries such an IPv4 address either. */
bool od_address_is_public(const struct sockaddr *address);

#endif
