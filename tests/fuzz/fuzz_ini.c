/*
 * The configuration from any text: it is refused with an origin and a message, or reads the same
 * each time and prints within bounds.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "conf/conf.h"

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct od_str text = od_str_n((const char *)data, size);
    struct od_conf *first, *second;
    struct od_buf once, twice;
    struct od_err err = {0};

    if (od_conf_parse("fuzz.ini", text, NULL, 0, &first, &err) < 0) {
        MUST(err.code == OD_ERR_CONFIG && err.message[0] && err.origin[0]);
        return 0;
    }
    MUST(od_conf_parse("fuzz.ini", text, NULL, 0, &second, &err) == 0);
    od_buf_init(&once, 1 << 24);
    od_buf_init(&twice, 1 << 24);
    od_conf_print(first, &once);
    od_conf_print(second, &twice);
    MUST(!once.overflow && od_str_eq(od_buf_view(&once), od_buf_view(&twice)));
    od_buf_fini(&twice);
    od_buf_fini(&once);
    od_conf_unref(second);
    od_conf_unref(first);
    return 0;
}
