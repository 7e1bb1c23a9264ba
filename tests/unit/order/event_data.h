#ifndef TESTS_UNIT_ORDER_EVENT_DATA_H
#define TESTS_UNIT_ORDER_EVENT_DATA_H

#include <string.h>

#include "base/json/json.h"
#include "order/ledger/event.h"
#include "order/model/event.h"
#include "sample.h"

/* What the data of an event is written as, and what is no data of one. */

static inline void event_data_is(struct od_buf *b, const char *text)
{
    od_buf_char(b, '\0');
    assert_string_equal(b->ptr, text);
    od_buf_fini(b);
}

static inline void in_the_ledger(const struct od_event *e, const char *text)
{
    struct od_buf b;

    od_buf_init(&b, 1 << 16);
    od_event_encode(e, &b);
    event_data_is(&b, text);
}

static inline void in_the_api(const struct od_event *e, int digits, const char *text)
{
    struct od_buf b;
    struct od_json_writer w;

    od_buf_init(&b, 1 << 16);
    od_jw_init(&w, &b);
    od_event_data_write(&w, e, digits);
    event_data_is(&b, text);
}

/* Decoding fails, names the event and says why. */
static inline void refuses(enum od_event_type type, const char *data, const char *why)
{
    struct od_event e = {.order_id = 7, .seq = 3, .type = type};
    struct od_arena a;
    struct od_err err = {0};

    od_arena_init(&a);
    assert_int_equal(od_event_decode(&e, od_str_of(data), &a, &err), -1);
    assert_non_null(strstr(err.message, "order 7 event 3 "));
    if (!strstr(err.message, why))
        fail_msg("\"%s\" does not say \"%s\"", err.message, why);
    od_arena_fini(&a);
}

#endif
