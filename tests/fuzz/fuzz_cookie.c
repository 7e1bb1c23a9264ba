/*
 * od_cookie_find on any header: what it finds lies inside the header, is a cookie's value, and is
 * found again when it stands alone.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/cookie.h"

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct od_str header = od_str_n((const char *)data, size);
    struct od_str value = od_cookie_find(header, "s");
    char alone[4096];
    if (!value.ptr)
        return 0;
    MUST(value.ptr >= header.ptr && value.ptr + value.len <= header.ptr + header.len);
    int n = snprintf(alone, sizeof alone, "s=%.*s", OD_STR_ARG(value));
    if (n < (int)sizeof alone)
        MUST(od_str_eq(od_cookie_find(od_str_n(alone, (size_t)n), "s"), value));
    return 0;
}
