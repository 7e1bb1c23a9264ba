#include "script/bundle/capabilities.h"

#include <ctype.h>
#include <lauxlib.h>
#include <string.h>

#include "base/nearest.h"
#include "script/bundle/loaded.h"

/* Compares what a plugin declares in its plugin.ini with what [grant] of the configuration allows
 * it. */

#define HTTP "http:"

static const struct {
    const char *word;
    enum od_capability bit;
} words[] = {
    {"mail", OD_CAP_MAIL},         {"notify", OD_CAP_NOTIFY},     {"http:HOST", OD_CAP_HTTP},
    {"commands", OD_CAP_COMMANDS}, {"sql.read", OD_CAP_SQL_READ},
};
#define WORDS (sizeof words / sizeof words[0])

/* The capabilities that a list of words names. */
struct list {
    unsigned bits;
    struct od_str *hosts;
    uint32_t host_count;
    size_t host_cap;
};

const char *od_capability_word(enum od_capability cap)
{
    for (size_t i = 0; i < WORDS; i++)
        if (words[i].bit == cap)
            return words[i].word;
    return "?";
}

/* A name or address as a URL has it, without port; or "*". */
static bool is_host(struct od_str s)
{
    if (od_str_is(s, "*"))
        return true;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr(".-[]:", c)))
            return false;
    }
    return s.len > 0;
}

static int unknown_word(struct od_str word, struct od_err *err)
{
    struct od_nearest near;

    od_nearest_init(&near, word);
    for (size_t i = 0; i < WORDS; i++)
        od_nearest_try(&near, od_str_of(words[i].word));
    return od_err_set(err, OD_ERR_CONFIG,
                      "there is no capability '%.*s'%s; known: mail, notify, http:HOST, commands, "
                      "sql.read",
                      OD_STR_ARG(word), od_nearest_hint(&near));
}

static int read_word(struct list *l, struct od_str word, struct od_arena *a, struct od_err *err)
{
    if (od_str_starts_with(word, OD_STR(HTTP))) {
        struct od_str host = od_str_slice(word, strlen(HTTP), word.len);
        if (!is_host(host) || od_str_is(word, "http:HOST"))
            return od_err_set(err, OD_ERR_CONFIG,
                              "'%.*s': http: is followed by a host in lower case "
                              "(http:api.example.com), or * for any",
                              OD_STR_ARG(word));
        l->bits |= OD_CAP_HTTP;
        l->hosts = od_arena_grow(a, l->hosts, l->host_count, &l->host_cap, sizeof *l->hosts);
        l->hosts[l->host_count++] = od_arena_str(a, host);
        return 0;
    }
    for (size_t i = 0; i < WORDS; i++) {
        if (od_str_is(word, words[i].word)) {
            l->bits |= words[i].bit;
            return 0;
        }
    }
    return unknown_word(word, err);
}

/* err's message only. */
static int read_list(struct list *l, struct od_str text, struct od_arena *a, struct od_err *err)
{
    struct od_str word;

    while (od_str_cut(&text, ',', &word)) {
        word = od_str_trim(word);
        if (word.len > 0 && read_word(l, word, a, err) != 0)
            return -1;
    }
    return 0;
}

static bool has_host(const struct list *l, struct od_str host)
{
    for (uint32_t i = 0; i < l->host_count; i++)
        if (od_str_is(l->hosts[i], "*") || od_str_eq(l->hosts[i], host))
            return true;
    return false;
}

static bool covers(const struct list *granted, const struct list *declared)
{
    for (uint32_t i = 0; i < declared->host_count; i++)
        if (!has_host(granted, declared->hosts[i]))
            return false;
    return (declared->bits & ~granted->bits) == 0;
}

/* "vip-window/plugin.ini:6", where the capabilities are declared. */
static void find_line(const struct od_plugin *p, char *out, size_t size)
{
    struct od_str rest = OD_STR_NONE, line;

    if (p->file_count > 0 && od_str_is(p->files[0].name, "plugin.ini"))
        rest = p->files[0].text;
    for (int number = 1; od_str_cut(&rest, '\n', &line); number++) {
        if (od_str_starts_with(od_str_trim(line), OD_STR("capabilities"))) {
            snprintf(out, size, "%.*s/plugin.ini:%d", OD_STR_ARG(p->name), number);
            return;
        }
    }
    snprintf(out, size, "%.*s/plugin.ini", OD_STR_ARG(p->name));
}

int od_capabilities_check(struct od_script_plugin *p, const struct od_bundle_source *source,
                          struct od_arena *a, struct od_err *err)
{
    struct list declared = {0}, granted = {0};
    char origin[sizeof err->origin];

    find_line(p->source, origin, sizeof origin);
    if (read_list(&declared, p->source->capabilities, a, err) != 0) {
        memcpy(err->origin, origin, sizeof origin);
        return -1;
    }
    if (od_str_is(p->name, "default")) {
        if (read_list(&declared, OD_STR("mail, notify, http:*, commands, sql.read"), a, err) != 0)
            return -1;
        granted = declared;
    }
    for (uint32_t i = 0; i < source->grant_count; i++) {
        const struct od_plugin_setting *g = &source->grants[i];
        if (!od_str_eq(g->plugin, p->name))
            continue;
        if (read_list(&granted, g->value, a, err) != 0) {
            snprintf(err->origin, sizeof err->origin, "%.*s", OD_STR_ARG(g->origin));
            return -1;
        }
    }
    if (!covers(&granted, &declared))
        return od_err_set_at(err, OD_ERR_CONFIG, origin,
                             "plugin '%.*s' needs capabilities that are not granted; add to the "
                             "configuration: [grant] %.*s = %.*s",
                             OD_STR_ARG(p->name), OD_STR_ARG(p->name),
                             OD_STR_ARG(p->source->capabilities));
    p->capabilities = declared.bits;
    p->hosts = declared.hosts;
    p->host_count = declared.host_count;
    return 0;
}

/*
 * The host of a URL; absent when it has anything but letters, digits, `.`, `-` (or `:` in brackets)
 * and an optional port. Clients disagree about the rest (`@`, `\`, `%`), and so could be led
 * elsewhere than the check was.
 */
static struct od_str host_of(struct od_str url)
{
    const char *end = url.ptr + url.len, *at = memmem(url.ptr, url.len, "://", 3), *host;
    bool bracket;

    host = at ? at + 3 : end;
    bracket = host < end && *host == '[';
    for (at = host + bracket; at < end; at++)
        if (!isalnum((unsigned char)*at) && !strchr(bracket ? ":" : ".-", *at))
            break;
    if (bracket && (at == end || *at++ != ']'))
        return OD_STR_NONE;
    struct od_str found = od_str_n(host, (size_t)(at - host));
    if (at < end && *at == ':')
        for (at++; at < end && isdigit((unsigned char)*at);)
            at++;
    return found.len > 0 && (at == end || strchr("/?#", *at)) ? found : OD_STR_NONE;
}

bool od_capability_reaches(const struct od_script_plugin *p, struct od_str url, struct od_str *host)
{
    *host = host_of(url);
    for (uint32_t i = 0; host->ptr && i < p->host_count; i++)
        if (od_str_is(p->hosts[i], "*") || od_str_eq_nocase(p->hosts[i], *host))
            return true;
    return false;
}

void l_require_capability(lua_State *L, enum od_capability cap, const char *binding)
{
    struct od_script_plugin *p = od_plugin_of(L);

    if (!(p->capabilities & cap))
        luaL_error(L, "%s needs a capability: add `capabilities = %s` to %s/plugin.ini", binding,
                   od_capability_word(cap), p->name.ptr);
}
