#ifndef OD_CONF_INI_H
#define OD_CONF_INI_H

#include "base/err.h"
#include "base/str.h"

/*
 * Reads INI text with inih, whose quiet failures are refused here instead: a line too long for its
 * buffer (it drops the tail), ` ;` behind a value (it cuts the value), a section name past its 49
 * bytes (it cuts the name), text behind a section's bracket (it drops that), NUL bytes. Indentation
 * has no meaning: a line never continues the one before. Keys may contain `:`.
 */

struct od_ini_handler {
    void *ctx;
    /* One key; the strings last for the call. Returns -1 with err's message to stop. */
    int (*key)(void *ctx, struct od_str section, struct od_str key, struct od_str value, int line,
               struct od_err *err);
};

/* Stops at the first error: OD_ERR_CONFIG with the origin "file:line". */
int od_ini_read(const char *file, struct od_str text, const struct od_ini_handler *handler,
                struct od_err *err) OD_MUST_CHECK;

#endif
