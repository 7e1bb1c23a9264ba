#include "http/address/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct sockaddr_in *v4(const struct sockaddr_storage *a)
{
    return (const struct sockaddr_in *)a;
}

static const struct sockaddr_in6 *v6(const struct sockaddr_storage *a)
{
    return (const struct sockaddr_in6 *)a;
}

static bool parse_host(struct od_str host, uint16_t port, struct sockaddr_storage *out)
{
    char text[INET6_ADDRSTRLEN];
    bool bracketed = host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']';
    if (bracketed)
        host = od_str_slice(host, 1, host.len - 1);
    if (host.len >= sizeof text)
        return false;
    memcpy(text, host.ptr, host.len);
    text[host.len] = '\0';
    if (bracketed) {
        struct sockaddr_in6 *to = (struct sockaddr_in6 *)out;
        to->sin6_family = AF_INET6;
        to->sin6_port = htons(port);
        return inet_pton(AF_INET6, text, &to->sin6_addr) == 1;
    }
    struct sockaddr_in *to = (struct sockaddr_in *)out;
    to->sin_family = AF_INET;
    to->sin_port = htons(port);
    return inet_pton(AF_INET, text, &to->sin_addr) == 1;
}

int od_http_address_parse(struct od_str text, struct sockaddr_storage *out, struct od_err *err)
{
    const char *colon = text.len > 0 ? memrchr(text.ptr, ':', text.len) : NULL;
    size_t at = colon ? (size_t)(colon - text.ptr) : 0;
    int64_t port;
    struct od_str host = od_str_slice(text, 0, at);
    if (od_str_is(host, "localhost"))
        host = OD_STR("127.0.0.1");
    memset(out, 0, sizeof *out);
    if (!colon || !od_str_to_i64(od_str_slice(text, at + 1, text.len), 0, 65535, &port) ||
        !parse_host(host, (uint16_t)port, out))
        return od_err_set(err, OD_ERR_CONFIG,
                          "'%.*s' is not an address like 127.0.0.1:8080 or [::1]:8080",
                          OD_STR_ARG(text));
    return 0;
}

bool od_http_address_loopback(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET)
        return ntohl(v4(address)->sin_addr.s_addr) >> 24 == 127;
    return address->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6(address)->sin6_addr);
}

bool od_http_host_loopback(struct od_str host)
{
    struct sockaddr_storage address = {0};
    return parse_host(host, 0, &address) && od_http_address_loopback(&address);
}

void od_http_address_format(const struct sockaddr_storage *address, char out[OD_HTTP_ADDRESS_TEXT])
{
    char host[INET6_ADDRSTRLEN] = "";
    bool six = address->ss_family == AF_INET6;
    const void *ip = six ? (const void *)&v6(address)->sin6_addr : &v4(address)->sin_addr;
    uint16_t port = ntohs(six ? v6(address)->sin6_port : v4(address)->sin_port);
    inet_ntop(address->ss_family, ip, host, sizeof host);
    snprintf(out, OD_HTTP_ADDRESS_TEXT, six ? "[%s]:%u" : "%s:%u", host, port);
}

int od_http_address_bind(const struct sockaddr_storage *address, bool reuse_port,
                         struct od_err *err)
{
    char text[OD_HTTP_ADDRESS_TEXT];
    int one = 1;
    bool six = address->ss_family == AF_INET6;
    socklen_t len = six ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return od_err_set(err, OD_ERR_IO, "cannot make a socket: %s", strerror(errno));
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0 ||
        (reuse_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) < 0) ||
        (six && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one) < 0) ||
        bind(fd, (const struct sockaddr *)address, len) < 0) {
        int error = errno;
        close(fd);
        od_http_address_format(address, text);
        return od_err_set(err, OD_ERR_IO, "cannot listen on %s: %s", text, strerror(error));
    }
    return fd;
}
