#ifndef OD_READ_PROJECTION_POSITION_H
#define OD_READ_PROJECTION_POSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * The answer to a command says in Orderd-Position which versions of orders it made. A read that is
 * sent it back in Orderd-At-Least sees these versions, whichever process it reaches. For callers
 * the text is opaque: "order id-version", several joined by commas.
 */
enum {
    OD_POSITION_ORDERS_MAX = 50, /* in one text */
    OD_POSITION_TEXT_MAX = OD_POSITION_ORDERS_MAX * 32,
};

struct od_position {
    size_t count;
    int64_t order_ids[OD_POSITION_ORDERS_MAX];
    int32_t versions[OD_POSITION_ORDERS_MAX];
};

/* False: it is none of ours, or it has too many orders. */
bool od_position_parse(struct od_str text, struct od_position *out);
/* An order that is there already takes the higher version. False: there is no room for another. */
bool od_position_add(struct od_position *p, int64_t order_id, int32_t version);
void od_position_write(const struct od_position *p, struct od_buf *out);

#endif
