#ifndef OD_CONF_INI_H
#define OD_CONF_INI_H

#include "base/err.h"
#include "base/str.h"

/*
 * Reads INI text with inih and refuses what inih would silently cut or drop: the end of a line that
 * is too long for its buffer, what follows ` ;` behind a value, the end of a section's name past 49
 * bytes, text behind a section's bracket, and NUL bytes. Indentation has no meaning: a line never
 * continues the one before. Keys may contain `:`.
 */

struct od_ini_handler {
    void *ctx;
    /* Is called with each key. The strings live during the call. It returns -1 with a message in
     * *err to stop. */
    int (*key)(void *ctx, struct od_str section, struct od_str key, struct od_str value, int line,
               struct od_err *err);
};

/* Stops at the first error, which is OD_ERR_CONFIG with the origin "file:line". */
int od_ini_read(const char *file, struct od_str text, const struct od_ini_handler *handler,
                struct od_err *err) OD_MUST_CHECK;

#endif
