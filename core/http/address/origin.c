#include "http/address/origin.h"

#include "http/address/address.h"

struct od_str od_http_host_name(struct od_str authority)
{
    size_t end = authority.len;
    while (end > 0 && authority.ptr[end - 1] >= '0' && authority.ptr[end - 1] <= '9')
        end--;
    bool port = end > 0 && authority.ptr[end - 1] == ':';
    return od_str_slice(authority, 0, port ? end - 1 : authority.len);
}

static bool listed(struct od_str list, struct od_str wanted)
{
    size_t from = 0;
    for (size_t i = 0; i <= list.len; i++) {
        if (i < list.len && list.ptr[i] != ',' && list.ptr[i] != ' ' && list.ptr[i] != '\t')
            continue;
        if (i > from && od_str_eq_nocase(od_str_slice(list, from, i), wanted))
            return true;
        from = i + 1;
    }
    return false;
}

/* RFC 6761 section 6.3: resolvers and browsers take these for loopback without asking anybody. */
static bool is_localhost(struct od_str name)
{
    static const struct od_str word = OD_STR_INIT("localhost"), below = OD_STR_INIT(".localhost");
    return od_str_eq_nocase(name, word) ||
           (name.len > below.len &&
            od_str_eq_nocase(od_str_slice(name, name.len - below.len, name.len), below));
}

static bool own_host(const struct od_http_origins *own, struct od_str listen, struct od_str host)
{
    struct od_str name = od_http_host_name(host);
    if (!name.ptr) /* HTTP/1.0, which no browser speaks */
        return true;
    if (name.len > 1 && name.ptr[name.len - 1] == '.')
        name.len--;
    return od_http_host_loopback(name) || is_localhost(name) ||
           od_str_eq_nocase(name, od_http_host_name(listen)) || listed(own->hosts, name);
}

static bool ends_with(struct od_str s, struct od_str tail)
{
    return s.len > tail.len && od_str_eq(od_str_slice(s, s.len - tail.len, s.len), tail);
}

/* Whether it is a page of what the client knows as this server. Either scheme will do: whether a
 * proxy in front speaks TLS is not known here. */
static bool own_origin(struct od_str origin, struct od_str host)
{
    static const struct {
        struct od_str scheme, port; /* origins leave the default port out, some proxies do not */
    } known[] = {
        {OD_STR_INIT("http://"), OD_STR_INIT(":80")},
        {OD_STR_INIT("https://"), OD_STR_INIT(":443")},
    };
    for (size_t i = 0; host.len && i < sizeof known / sizeof *known; i++) {
        size_t len = known[i].scheme.len;
        if (!od_str_eq_nocase(od_str_slice(origin, 0, len), known[i].scheme))
            continue;
        if (ends_with(host, known[i].port))
            host.len -= known[i].port.len;
        return od_str_eq_nocase(od_str_slice(origin, len, origin.len), host);
    }
    return false;
}

enum od_http_foreign od_http_foreign_check(const struct od_http_origins *own, struct od_str listen,
                                           const struct od_http_sender *sender)
{
    if (!own->any_host && !own_host(own, listen, sender->host))
        return OD_HTTP_FOREIGN_HOST;
    if (sender->safe || (sender->origin.ptr && listed(own->origins, sender->origin)))
        return OD_HTTP_FOREIGN_NOT;
    if (sender->origin.ptr && !own_origin(sender->origin, sender->host))
        return OD_HTTP_FOREIGN_ORIGIN;
    /* "none" is what the user did by himself. */
    struct od_str site = sender->site;
    if (!site.ptr || od_str_is(site, "same-origin") || od_str_is(site, "none"))
        return OD_HTTP_FOREIGN_NOT;
    return OD_HTTP_FOREIGN_SITE;
}

const char *od_http_foreign_name(enum od_http_foreign what)
{
    static const char *const names[] = {
        [OD_HTTP_FOREIGN_NOT] = "not",
        [OD_HTTP_FOREIGN_HOST] = "host",
        [OD_HTTP_FOREIGN_ORIGIN] = "origin",
        [OD_HTTP_FOREIGN_SITE] = "site",
    };
    return names[what];
}

bool od_http_form_type(struct od_str content_type)
{
    /* Fetch Standard, "CORS-safelisted request-header", and what `<a ping>` sends. */
    static const char *const types[] = {"application/x-www-form-urlencoded", "multipart/form-data",
                                        "text/plain", "text/ping"};
    struct od_str essence;
    if (!od_str_cut(&content_type, ';', &essence))
        return false;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (od_str_eq_nocase(od_str_trim(essence), od_str_of(types[i])))
            return true;
    }
    return false;
}
