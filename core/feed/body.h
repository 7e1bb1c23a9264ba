#ifndef OD_FEED_BODY_H
#define OD_FEED_BODY_H

#include "engine/rules.h"
#include "feed/targets/conf.h"
#include "order/model/event.h"
#include "order/model/model.h"

/* What a target that wants events by itself is sent of one: a JSON object in the arena. Thin: the
 * order's names, statuses and the event, as the API shows it. Full: the order as it was right after
 * the event as well, or those of its members that `fields` lists. */
struct od_str od_target_body(const struct od_target_conf *t, const struct od_rules *rules,
                             const struct od_event *e, const struct od_order *o,
                             struct od_arena *a);

#endif
