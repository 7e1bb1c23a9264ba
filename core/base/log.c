#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

/* One write(2) of at most PIPE_BUF bytes is atomic on a pipe, so lines never mix (pipe(7)). */
#define LINE_MAX_BYTES 4096
#define FORMAT_MAX     512

static const char *const level_names[] = {"debug", "info", "warn", "error"};
static _Atomic enum od_log_level threshold = OD_LOG_INFO;
static _Thread_local enum od_log_level quiet = OD_LOG_DEBUG;

void od_log_set_level(enum od_log_level level)
{
    atomic_store_explicit(&threshold, level, memory_order_relaxed);
}

enum od_log_level od_log_quiet(enum od_log_level level)
{
    enum od_log_level before = quiet;

    quiet = level;
    return before;
}

bool od_log_parse_level(const char *name, enum od_log_level *out)
{
    for (int i = OD_LOG_DEBUG; i <= OD_LOG_ERROR; i++) {
        if (strcmp(name, level_names[i]) == 0) {
            *out = (enum od_log_level)i;
            return true;
        }
    }
    return false;
}

/* Milliseconds at a fixed width, so that columns line up. */
static size_t put_time(char *line, size_t size)
{
    int64_t now_us = od_clock_us();
    char text[64];
    struct od_buf b = {.ptr = text, .cap = sizeof text, .max = sizeof text};
    int n;

    od_time_format(&b, now_us - now_us % 1000000);
    n = snprintf(line, size, "%.*s.%03dZ ", (int)b.len - 1, text, (int)(now_us % 1000000 / 1000));
    return (size_t)n;
}

/* Stands for the quotes of the format itself while values are put in; no UTF-8 text has it. */
#define OWN_QUOTE '\xFF'

static void mark_quotes(char *marked, size_t size, const char *format)
{
    size_t n = 0;

    for (; format[n] && n + 1 < size; n++)
        marked[n] = format[n] == '"' ? OWN_QUOTE : format[n];
    marked[n] = '\0';
}

/* A value must not be able to end before its quote, nor to begin a line of its own. */
static void tame_values(char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)s[i] < 0x20 || s[i] == 0x7F)
            s[i] = ' ';
        else if (s[i] == '"')
            s[i] = '\'';
        else if (s[i] == OWN_QUOTE)
            s[i] = '"';
    }
}

void od_log(enum od_log_level level, const char *event, const char *pairs, ...)
{
    char line[LINE_MAX_BYTES], format[FORMAT_MAX];
    size_t room = sizeof line - 1; /* the newline's place */
    size_t len;
    va_list ap;
    int n;

    if (level < quiet || level < atomic_load_explicit(&threshold, memory_order_relaxed))
        return;
    len = put_time(line, room);
    n = snprintf(line + len, room - len, "%s %s ", level_names[level], event);
    len = (size_t)n < room - len ? len + (size_t)n : room - 1;
    mark_quotes(format, sizeof format, pairs);
    va_start(ap, pairs);
    n = vsnprintf(line + len, room - len, format, ap);
    va_end(ap);
    len = n >= 0 && (size_t)n < room - len ? len + (size_t)n : room - 1;
    tame_values(line, len);
    while (len > 0 && line[len - 1] == ' ')
        len--;
    line[len++] = '\n';
    if (write(STDERR_FILENO, line, len) < 0)
        return; /* there is nowhere to report it */
}
