#include "base/str.h"

int od_str_cmp(struct od_str a, struct od_str b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared ? memcmp(a.ptr, b.ptr, shared) : 0;

    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool od_str_eq_nocase(struct od_str a, struct od_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

bool od_str_starts_with(struct od_str s, struct od_str prefix)
{
    return s.len >= prefix.len && od_str_eq(od_str_n(s.ptr, prefix.len), prefix);
}

bool od_str_ends_with(struct od_str s, struct od_str suffix)
{
    return s.len >= suffix.len &&
           (suffix.len == 0 || memcmp(s.ptr + s.len - suffix.len, suffix.ptr, suffix.len) == 0);
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct od_str od_str_trim(struct od_str s)
{
    while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    while (s.len > 0 && is_blank(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    return s;
}

struct od_str od_str_slice(struct od_str s, size_t from, size_t to)
{
    if (to > s.len)
        to = s.len;
    if (from > to)
        from = to;
    return s.ptr ? od_str_n(s.ptr + from, to - from) : s;
}

bool od_str_cut(struct od_str *rest, char sep, struct od_str *piece)
{
    const char *at;
    size_t len;

    if (!rest->ptr)
        return false;
    at = memchr(rest->ptr, sep, rest->len);
    if (!at) {
        *piece = *rest;
        *rest = OD_STR_NONE;
        return true;
    }
    len = (size_t)(at - rest->ptr);
    *piece = od_str_n(rest->ptr, len);
    *rest = od_str_n(at + 1, rest->len - len - 1);
    return true;
}

bool od_str_to_i64(struct od_str s, int64_t min, int64_t max, int64_t *out)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    int64_t v = 0;
    size_t i = negative;

    if (i == s.len)
        return false;
    for (; i < s.len; i++) {
        int digit = s.ptr[i] - '0';
        if (digit < 0 || digit > 9)
            return false;
        if (__builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, negative ? -digit : digit, &v))
            return false;
    }
    if (v < min || v > max)
        return false;
    *out = v;
    return true;
}

/* Bytes of the well-formed sequence at p that begins with a byte >= 0x80, or 0. The ranges of the
 * second byte are those of RFC 3629, section 4; they shut out overlong forms and surrogates. */
static size_t utf8_sequence(const unsigned char *p, size_t avail)
{
    unsigned char low = 0x80, high = 0xBF;
    size_t len;

    if (p[0] >= 0xC2 && p[0] <= 0xDF) {
        len = 2;
    } else if (p[0] >= 0xE0 && p[0] <= 0xEF) {
        len = 3;
        low = p[0] == 0xE0 ? 0xA0 : low;
        high = p[0] == 0xED ? 0x9F : high;
    } else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        len = 4;
        low = p[0] == 0xF0 ? 0x90 : low;
        high = p[0] == 0xF4 ? 0x8F : high;
    } else {
        return 0;
    }
    if (avail < len || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return len;
}

bool od_utf8_valid(struct od_str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    size_t left = s.len;

    while (left > 0) {
        uint64_t word;
        size_t n = 1;

        while (left >= sizeof word) {
            memcpy(&word, p, sizeof word);
            if (word & 0x8080808080808080u)
                break;
            p += sizeof word;
            left -= sizeof word;
        }
        if (left == 0)
            break;
        if (*p >= 0x80)
            n = utf8_sequence(p, left);
        if (n == 0)
            return false;
        p += n;
        left -= n;
    }
    return true;
}

bool od_str_has_nul(struct od_str s)
{
    return s.len > 0 && memchr(s.ptr, 0, s.len) != NULL;
}
