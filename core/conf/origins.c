#include "conf/origins.h"

#include <arpa/inet.h>

/* The next entry; absent at the end. */
static struct od_str next(struct od_str *rest)
{
    static const char separators[] = ", \t";
    size_t from = 0, to;
    while (from < rest->len && strchr(separators, rest->ptr[from]))
        from++;
    for (to = from; to < rest->len && !strchr(separators, rest->ptr[to]);)
        to++;
    struct od_str entry = to > from ? od_str_slice(*rest, from, to) : OD_STR_NONE;
    *rest = od_str_slice(*rest, to, rest->len);
    return entry;
}

static bool is_name(struct od_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool word = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        if (!word && c != '-' && c != '_' && (c != '.' || i == 0))
            return false;
    }
    return s.len > 0 && s.ptr[s.len - 1] != '.';
}

static bool is_host(struct od_str s)
{
    struct in6_addr address;
    char text[INET6_ADDRSTRLEN];
    if (s.len < 2 || s.ptr[0] != '[')
        return is_name(s);
    s = od_str_slice(s, 1, s.ptr[s.len - 1] == ']' ? s.len - 1 : 1);
    if (s.len == 0 || s.len >= sizeof text)
        return false;
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    return inet_pton(AF_INET6, text, &address) == 1;
}

static bool is_origin(struct od_str s)
{
    size_t at = 0, end = s.len;
    int64_t port;
    while (at + 3 <= s.len && memcmp(s.ptr + at, "://", 3) != 0)
        at++;
    if (at == 0 || at + 3 > s.len)
        return false;
    while (end > at + 3 && s.ptr[end - 1] >= '0' && s.ptr[end - 1] <= '9')
        end--;
    bool has_port = s.ptr[end - 1] == ':' && end < s.len && end > at + 3;
    if (has_port && !od_str_to_i64(od_str_slice(s, end, s.len), 1, 65535, &port))
        return false;
    return is_host(od_str_slice(s, at + 3, has_port ? end - 1 : s.len));
}

int od_conf_hosts_check(struct od_str list, struct od_err *err)
{
    for (struct od_str entry; (entry = next(&list)).ptr;) {
        if (!is_host(entry))
            return od_err_set(err, OD_ERR_CONFIG,
                              "\"%.*s\" is not a host like shop.example.com or [2001:db8::1], "
                              "without scheme, port and path",
                              OD_STR_ARG(entry));
    }
    return 0;
}

int od_conf_origins_check(struct od_str list, struct od_err *err)
{
    for (struct od_str entry; (entry = next(&list)).ptr;) {
        if (!is_origin(entry))
            return od_err_set(err, OD_ERR_CONFIG,
                              "\"%.*s\" is not an origin like https://shop.example.com or "
                              "http://localhost:3000, without a path",
                              OD_STR_ARG(entry));
    }
    return 0;
}
