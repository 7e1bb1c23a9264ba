#include "conf/value.h"

#include <arpa/inet.h>

#include "base/money.h"
#include "conf/conf.h"

struct unit {
    const char *suffix;
    int64_t factor;
};

/* Largest first, so that printing finds the shortest form. */
static const struct unit durations[] = {
    {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1},
};
static const struct unit sizes[] = {{"g", 1 << 30}, {"m", 1 << 20}, {"k", 1 << 10}, {"", 1}};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void *field(const struct od_conf *c, const struct od_conf_key *key)
{
    return (char *)c + key->offset;
}

bool od_conf_bool(struct od_str text, bool *out)
{
    static const char *const yes[] = {"yes", "on", "true", "1"};
    static const char *const no[] = {"no", "off", "false", "0"};

    for (size_t i = 0; i < COUNT(yes); i++) {
        if (od_str_is(text, yes[i]) || od_str_is(text, no[i])) {
            *out = od_str_is(text, yes[i]);
            return true;
        }
    }
    return false;
}

/* Digits and one of the units, nothing between. */
static bool measure(struct od_str text, const struct unit *units, size_t count, int64_t *out)
{
    size_t digits = 0;
    int64_t n;

    while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
        digits++;
    struct od_str suffix = od_str_slice(text, digits, text.len);
    if (!od_str_to_i64(od_str_slice(text, 0, digits), 0, INT64_MAX, &n))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (od_str_is(suffix, units[i].suffix))
            return od_money_mul(n, units[i].factor, out);
    }
    return false;
}

bool od_conf_duration(struct od_str text, int64_t *ms)
{
    return measure(text, durations, COUNT(durations), ms);
}

bool od_conf_size(struct od_str text, int64_t *bytes)
{
    return measure(text, sizes, COUNT(sizes), bytes);
}

static void print_measure(struct od_buf *b, int64_t v, const struct unit *units, size_t count)
{
    size_t i = 0;

    while (i < count - 1 && (v == 0 || v % units[i].factor != 0))
        i++;
    od_buf_i64(b, v / units[i].factor);
    od_buf_str(b, od_str_of(units[i].suffix));
}

static void print_number(struct od_buf *b, const struct od_conf_key *key, int64_t v)
{
    if (key->type == OD_CONF_DURATION)
        print_measure(b, v, durations, COUNT(durations));
    else if (key->type == OD_CONF_SIZE)
        print_measure(b, v, sizes, COUNT(sizes));
    else
        od_buf_i64(b, v);
}

static bool parse_number(const struct od_conf_key *key, struct od_str text, int64_t *out)
{
    if (key->type == OD_CONF_DURATION)
        return measure(text, durations, COUNT(durations), out);
    if (key->type == OD_CONF_SIZE)
        return measure(text, sizes, COUNT(sizes), out);
    return od_str_to_i64(text, INT64_MIN, INT64_MAX, out);
}

static int read_number(const struct od_conf_key *key, struct od_str text, int64_t *out,
                       struct od_err *err)
{
    static const char *const examples[] = {
        [OD_CONF_INT] = "a whole number",
        [OD_CONF_DURATION] = "a duration like 200ms, 30s, 5m, 24h or 7d",
        [OD_CONF_SIZE] = "a size in bytes like 512, 64k or 1m",
    };
    struct od_buf limits;
    int64_t v;

    if (!parse_number(key, text, &v))
        return od_err_set(err, OD_ERR_CONFIG, "%s is %s, not \"%.*s\"", key->name,
                          examples[key->type], OD_STR_ARG(text));
    if (v >= key->min && v <= key->max) {
        *out = v;
        return 0;
    }
    od_buf_init(&limits, 256);
    print_number(&limits, key, key->min);
    od_buf_append(&limits, " to ", 4);
    print_number(&limits, key, key->max);
    od_err_set(err, OD_ERR_CONFIG, "%s is %.*s, not %.*s", key->name,
               OD_STR_ARG(od_buf_view(&limits)), OD_STR_ARG(text));
    od_buf_fini(&limits);
    return -1;
}

static int read_word(const struct od_conf_key *key, struct od_str text, int *out,
                     struct od_err *err)
{
    struct od_buf known;

    od_buf_init(&known, 256);
    for (int i = 0; key->words[i]; i++) {
        if (od_str_is(text, key->words[i])) {
            *out = i;
            od_buf_fini(&known);
            return 0;
        }
        od_buf_printf(&known, "%s%s", i ? ", " : "", key->words[i]);
    }
    od_err_set(err, OD_ERR_CONFIG, "%s is one of %.*s, not \"%.*s\"", key->name,
               OD_STR_ARG(od_buf_view(&known)), OD_STR_ARG(text));
    od_buf_fini(&known);
    return -1;
}

static bool is_loopback(const char *host, bool six)
{
    struct in6_addr v6;
    struct in_addr v4;

    if (six)
        return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
    return inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

static bool is_address(const char *host, bool six)
{
    unsigned char address[sizeof(struct in6_addr)];

    return inet_pton(six ? AF_INET6 : AF_INET, host, address) == 1;
}

/* Names are not resolved, because that may block; localhost is understood. */
static int read_address(struct od_arena *a, const struct od_conf_key *key, struct od_str text,
                        struct od_conf_address *out, struct od_err *err)
{
    size_t colon = text.len;
    int64_t port;

    while (colon > 0 && text.ptr[colon - 1] != ':')
        colon--;
    struct od_str host = od_str_slice(text, 0, colon ? colon - 1 : 0);
    bool six = host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']';
    if (six)
        host = od_str_slice(host, 1, host.len - 1);
    if (od_str_is(host, "localhost"))
        host = OD_STR("127.0.0.1");
    host = od_arena_str(a, host.ptr ? host : OD_STR(""));
    if (!is_address(host.ptr, six) ||
        !od_str_to_i64(od_str_slice(text, colon, text.len), 0, 65535, &port))
        return od_err_set(err, OD_ERR_CONFIG,
                          "%s is an address and a port like 127.0.0.1:8080 or [::1]:8080, not "
                          "\"%.*s\"",
                          key->name, OD_STR_ARG(text));
    out->host = host;
    out->port = (int)port;
    out->loopback = is_loopback(host.ptr, six);
    out->text = od_arena_printf(a, six ? "[%s]:%d" : "%s:%d", host.ptr, out->port);
    return 0;
}

int od_conf_path_read(const struct od_conf_reader *r, const struct od_conf_key *key,
                      struct od_str text, struct od_str *out, struct od_err *err)
{
    const struct {
        struct od_str word, value;
    } words[] = {
        {OD_STR("${data}"), r->data_dir},
        {OD_STR("${share}"), r->share_dir},
        {OD_STR("${state}"), r->state_dir},
    };

    if (text.len == 0) {
        *out = OD_STR("");
        if (!*key->fallback)
            return 0; /* a folder that need not be */
        return od_err_set(err, OD_ERR_CONFIG, "%s is a path, not empty", key->name);
    }
    for (size_t i = 0; i < COUNT(words); i++) {
        if (od_str_starts_with(text, words[i].word) && words[i].value.ptr) {
            struct od_str tail = od_str_slice(text, words[i].word.len, text.len);
            *out =
                od_arena_printf(r->arena, "%.*s%.*s", OD_STR_ARG(words[i].value), OD_STR_ARG(tail));
            return 0;
        }
    }
    if (od_str_starts_with(text, OD_STR("${")))
        return od_err_set(err, OD_ERR_CONFIG, "%s cannot begin with that word: %.*s", key->name,
                          OD_STR_ARG(text));
    if (text.ptr[0] == '/')
        *out = od_arena_str(r->arena, text);
    else
        *out = od_arena_printf(r->arena, "%.*s/%.*s", OD_STR_ARG(r->directory), OD_STR_ARG(text));
    return 0;
}

int od_conf_value_read(const struct od_conf_reader *r, void *base, const struct od_conf_key *key,
                       struct od_str text, struct od_err *err)
{
    void *at = (char *)base + key->offset;

    switch (key->type) {
    case OD_CONF_STR:
        *(struct od_str *)at = od_arena_str(r->arena, text);
        return 0;
    case OD_CONF_INT:
    case OD_CONF_DURATION:
    case OD_CONF_SIZE:
        return read_number(key, text, at, err);
    case OD_CONF_BOOL:
        if (od_conf_bool(text, at))
            return 0;
        return od_err_set(err, OD_ERR_CONFIG, "%s is yes or no, not \"%.*s\"", key->name,
                          OD_STR_ARG(text));
    case OD_CONF_ENUM:
        return read_word(key, text, at, err);
    case OD_CONF_ADDRESS:
        return read_address(r->arena, key, text, at, err);
    case OD_CONF_PATH:
        return od_conf_path_read(r, key, text, at, err);
    case OD_CONF_CURRENCY:
        *(struct od_str *)at = od_arena_str(r->arena, text);
        if (od_currency_digits(text) >= 0)
            return 0;
        return od_err_set(err, OD_ERR_CONFIG, "%s is a currency of ISO 4217 like EUR, not \"%.*s\"",
                          key->name, OD_STR_ARG(text));
    }
    return 0;
}

/* The password's place in "://user:password@…"; 0 when there is none. */
static size_t userinfo(struct od_str url, size_t *end)
{
    size_t colon = 0;

    for (size_t i = 3; i < url.len && url.ptr[i] != '/'; i++) {
        if (url.ptr[i] == ':' && colon == 0)
            colon = i + 1;
        if (url.ptr[i] == '@') {
            *end = i;
            return colon;
        }
    }
    return 0;
}

/* With *** for the password of a user and the value of "password=". */
static void print_blotted(struct od_buf *b, struct od_str s)
{
    struct od_str word = OD_STR("password=");
    size_t i = 0;

    while (i < s.len) {
        struct od_str rest = od_str_slice(s, i, s.len);
        size_t from = 0, to = 0;
        if (od_str_starts_with(rest, OD_STR("://"))) {
            from = userinfo(rest, &to);
        } else if (od_str_starts_with(rest, word)) {
            from = to = word.len;
            while (to < rest.len && rest.ptr[to] != '&' && rest.ptr[to] != ' ')
                to++;
        }
        if (from == 0) {
            od_buf_char(b, s.ptr[i++]);
            continue;
        }
        od_buf_append(b, rest.ptr, from);
        od_buf_append(b, "***", 3);
        i += to;
    }
}

void od_conf_value_print(const struct od_conf *c, const struct od_conf_key *key, struct od_buf *b)
{
    const void *at = field(c, key);

    switch (key->type) {
    case OD_CONF_STR:
        print_blotted(b, *(const struct od_str *)at);
        return;
    case OD_CONF_PATH:
    case OD_CONF_CURRENCY:
        od_buf_str(b, *(const struct od_str *)at);
        return;
    case OD_CONF_INT:
    case OD_CONF_DURATION:
    case OD_CONF_SIZE:
        print_number(b, key, *(const int64_t *)at);
        return;
    case OD_CONF_BOOL:
        od_buf_printf(b, "%s", *(const bool *)at ? "yes" : "no");
        return;
    case OD_CONF_ENUM:
        od_buf_printf(b, "%s", key->words[*(const int *)at]);
        return;
    case OD_CONF_ADDRESS:
        od_buf_str(b, ((const struct od_conf_address *)at)->text);
        return;
    }
}

bool od_conf_value_equal(const struct od_conf *a, const struct od_conf *b,
                         const struct od_conf_key *key)
{
    const void *x = field(a, key), *y = field(b, key);

    switch (key->type) {
    case OD_CONF_STR:
    case OD_CONF_PATH:
    case OD_CONF_CURRENCY:
        return od_str_eq(*(const struct od_str *)x, *(const struct od_str *)y);
    case OD_CONF_INT:
    case OD_CONF_DURATION:
    case OD_CONF_SIZE:
        return *(const int64_t *)x == *(const int64_t *)y;
    case OD_CONF_BOOL:
        return *(const bool *)x == *(const bool *)y;
    case OD_CONF_ENUM:
        return *(const int *)x == *(const int *)y;
    case OD_CONF_ADDRESS:
        return od_str_eq(((const struct od_conf_address *)x)->text,
                         ((const struct od_conf_address *)y)->text);
    }
    return true;
}
