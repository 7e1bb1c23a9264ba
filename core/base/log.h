#ifndef OD_BASE_LOG_H
#define OD_BASE_LOG_H

#include <stdbool.h>

#include "base/err.h"

/*
 * Writes logfmt lines to standard error: time, level, event, key=value …. A line has an event name
 * and pairs, and no personal data. `pairs` is a printf format of "key=value" pairs; a value that
 * may have blanks is written as key="%s".
 */
enum od_log_level {
    OD_LOG_DEBUG = 0,
    OD_LOG_INFO,
    OD_LOG_WARN,
    OD_LOG_ERROR,
    OD_LOG_NOTHING, /* no line has this level; it is for od_log_quiet */
};

void od_log_set_level(enum od_log_level level);
/* Makes this thread write nothing below `level`, whatever the process's level is; with
 * OD_LOG_NOTHING it writes nothing at all. Returns the thread's earlier level, OD_LOG_DEBUG at
 * first. */
enum od_log_level od_log_quiet(enum od_log_level level);
bool od_log_parse_level(const char *name, enum od_log_level *out);
void od_log(enum od_log_level level, const char *event, const char *pairs, ...) OD_PRINTF(3, 4);

#define od_debug(...) od_log(OD_LOG_DEBUG, __VA_ARGS__)
#define od_info(...)  od_log(OD_LOG_INFO, __VA_ARGS__)
#define od_warn(...)  od_log(OD_LOG_WARN, __VA_ARGS__)
#define od_error(...) od_log(OD_LOG_ERROR, __VA_ARGS__)

#endif
