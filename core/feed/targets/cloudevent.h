#ifndef OD_FEED_TARGETS_CLOUDEVENT_H
#define OD_FEED_TARGETS_CLOUDEVENT_H

#include "base/arena.h"
#include "feed/targets/kind.h"

/* A delivery as a CloudEvent 1.0. It is the same at each attempt. */

#define OD_CLOUDEVENT_VERSION "1.0"

struct od_cloudevent {
    struct od_str id; /* "msg_42" */
    struct od_str source, type;
    struct od_str subject; /* "order/7"; absent: it is about no order */
    struct od_str time;    /* RFC 3339 */
    struct od_str data;    /* JSON */
};

struct od_str od_cloudevent_id(const struct od_delivery *d, struct od_arena *a);
/* source: a URI reference. */
void od_cloudevent_make(const struct od_delivery *d, struct od_str source,
                        struct od_cloudevent *out, struct od_arena *a);

#endif
