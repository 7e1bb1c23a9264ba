#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void od_err_clear(struct od_err *err)
{
    memset(err, 0, sizeof *err);
}

/* A message cut at its maximum must still be UTF-8: takes off a character that lost its end. */
static void mend_end(char *message, size_t size)
{
    size_t end = strlen(message);

    if (end + 1 < size)
        return;
    while (end > 0 && ((unsigned char)message[end - 1] & 0xC0) == 0x80)
        end--;
    if (end > 0 && (unsigned char)message[end - 1] >= 0xC0)
        end--;
    message[end] = '\0';
}

/* Through a copy, since an argument may point into the very error being replaced. */
static void set(struct od_err *err, enum od_err_code code, const char *origin, const char *fmt,
                va_list ap)
{
    struct od_err fresh = {.code = code};

    snprintf(fresh.origin, sizeof fresh.origin, "%s", origin);
    vsnprintf(fresh.message, sizeof fresh.message, fmt, ap);
    mend_end(fresh.message, sizeof fresh.message);
    *err = fresh;
}

int od_err_set(struct od_err *err, enum od_err_code code, const char *fmt, ...)
{
    va_list ap;

    if (!err)
        return -1;
    va_start(ap, fmt);
    set(err, code, "", fmt, ap);
    va_end(ap);
    return -1;
}

int od_err_set_at(struct od_err *err, enum od_err_code code, const char *origin, const char *fmt,
                  ...)
{
    va_list ap;

    if (!err)
        return -1;
    va_start(ap, fmt);
    set(err, code, origin, fmt, ap);
    va_end(ap);
    return -1;
}

int od_err_wrap(struct od_err *err, const char *fmt, ...)
{
    char context[sizeof err->message];
    char inner[sizeof err->message];
    va_list ap;
    int n;

    if (!err)
        return -1;
    va_start(ap, fmt);
    vsnprintf(context, sizeof context, fmt, ap);
    va_end(ap);
    memcpy(inner, err->message, sizeof inner);
    n = snprintf(err->message, sizeof err->message, "%s: %s", context, inner);
    if (n >= 0 && (size_t)n >= sizeof err->message)
        mend_end(err->message, sizeof err->message);
    return -1;
}
