#include "feed/targets/cloudevent.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/json/json.h"

enum { DEPTH = 64 };

struct od_str od_cloudevent_id(const struct od_delivery *d, struct od_arena *a)
{
    return od_arena_printf(a, "msg_%lld", (long long)d->delivery_id);
}

/* When what it tells of happened: the event says so; an intent was made just behind it. */
static struct od_str happened_at(const struct od_json *payload)
{
    const struct od_json *event = payload ? od_json_get(payload, "event") : NULL;
    const struct od_json *at = event ? od_json_get(event, "at") : NULL;
    return at && at->type == OD_JSON_STRING ? at->text : OD_STR_NONE;
}

static struct od_str data_of(const struct od_delivery *d, const struct od_json *payload)
{
    const struct od_json *data = payload ? od_json_get(payload, "data") : NULL;
    if (od_str_is(d->intent, "webhook"))
        return data ? data->raw : OD_STR("{}");
    return d->payload;
}

static struct od_str time_text(int64_t us, struct od_arena *a)
{
    struct od_buf b;
    od_buf_init(&b, 64);
    od_time_format(&b, us);
    struct od_str text = od_arena_str(a, od_buf_view(&b));
    od_buf_fini(&b);
    return text;
}

void od_cloudevent_make(const struct od_delivery *d, struct od_str source,
                        struct od_cloudevent *out, struct od_arena *a)
{
    struct od_json *payload;
    struct od_err err;
    if (od_json_parse(a, d->payload, DEPTH, &payload, &err))
        payload = NULL;
    struct od_str at = happened_at(payload);
    *out = (struct od_cloudevent){
        .id = od_cloudevent_id(d, a),
        .source = source,
        .type = d->name.len ? d->name : d->topic,
        .time = at.ptr ? at : time_text(d->created_at, a),
        .data = data_of(d, payload),
    };
    if (d->order_id)
        out->subject = od_arena_printf(a, "order/%lld", (long long)d->order_id);
}
