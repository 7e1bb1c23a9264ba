#ifndef OD_BASE_STR_H
#define OD_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * A borrowed run of bytes that is passed by value. It does not end in a NUL. ptr == NULL means
 * absent (SQL null, JSON null), which differs from the empty string {"", 0}.
 */
struct od_str {
    const char *ptr;
    size_t len;
};

#define OD_STR(lit) ((struct od_str){"" lit, sizeof(lit) - 1})
#define OD_STR_INIT(lit)                                                                           \
    {                                                                                              \
        "" lit, sizeof(lit) - 1                                                                    \
    }
#define OD_STR_NONE ((struct od_str){NULL, 0})
/* printf("%.*s", OD_STR_ARG(s)) */
#define OD_STR_ARG(s) (int)(s).len, ((s).ptr ? (s).ptr : "")

static inline struct od_str od_str_of(const char *cstr)
{
    return (struct od_str){cstr, cstr ? strlen(cstr) : 0};
}

static inline struct od_str od_str_n(const char *ptr, size_t len)
{
    return (struct od_str){ptr, len};
}

static inline bool od_str_eq(struct od_str a, struct od_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool od_str_is(struct od_str a, const char *cstr)
{
    return od_str_eq(a, od_str_of(cstr));
}

/* Compares as memcmp does; a prefix sorts first. An absent string equals an empty one. */
int od_str_cmp(struct od_str a, struct od_str b);
bool od_str_eq_nocase(struct od_str a, struct od_str b); /* ASCII */
bool od_str_starts_with(struct od_str s, struct od_str prefix);
bool od_str_ends_with(struct od_str s, struct od_str suffix);
struct od_str od_str_trim(struct od_str s); /* ASCII blanks at both ends */
struct od_str od_str_slice(struct od_str s, size_t from, size_t to);

/* Cuts *rest at the first `sep` and returns what stood before it; *rest becomes what follows.
 * The last piece leaves *rest absent. Returns false when *rest is absent. */
bool od_str_cut(struct od_str *rest, char sep, struct od_str *piece);

/* Reads a string that is wholly a decimal integer within [min, max]. False leaves *out alone. */
bool od_str_to_i64(struct od_str s, int64_t min, int64_t max, int64_t *out);

/* Whether s is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). NUL bytes are well
 * formed here. */
bool od_utf8_valid(struct od_str s);
/* Whether s has a NUL byte, which a PostgreSQL text cannot hold. */
bool od_str_has_nul(struct od_str s);

#endif
