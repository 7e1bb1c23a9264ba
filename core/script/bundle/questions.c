#include "script/bundle/questions.h"

#include "order/ledger/event.h"
#include "order/model/event.h"

/* od_event_topics derives these topics from what an event does to the statuses; `type` is the one
 * that most often does. The events' own types are topics, too. */
static const struct {
    const char *topic;
    enum od_event_type type;
} derived[] = {
    {"payment.paid", OD_EVENT_PAYMENT_CAPTURED},
    {"order.status_changed", OD_EVENT_ORDER_UPDATED},
    {"payment.status_changed", OD_EVENT_PAYMENT_STATUS_SET},
    {"shipment.status_changed", OD_EVENT_SHIPMENT_STATUS_SET},
};
#define DERIVED (sizeof derived / sizeof derived[0])

bool od_question_parse(struct od_str name, enum od_question *out)
{
    for (int q = 0; q < OD_QUESTIONS; q++) {
        if (od_str_eq(name, od_question_name((enum od_question)q))) {
            *out = (enum od_question)q;
            return true;
        }
    }
    return false;
}

bool od_topic_parse(struct od_str name, enum od_event_type *out)
{
    for (size_t i = 0; i < DERIVED; i++) {
        if (od_str_is(name, derived[i].topic)) {
            *out = derived[i].type;
            return true;
        }
    }
    return od_event_type_parse(name, out);
}

static struct od_str join(struct od_arena *a, struct od_str list, struct od_str name)
{
    if (!list.ptr)
        return od_arena_str(a, name);
    return od_arena_printf(a, "%.*s, %.*s", OD_STR_ARG(list), OD_STR_ARG(name));
}

struct od_str od_known_questions(struct od_arena *a)
{
    struct od_str list = OD_STR_NONE;

    for (int q = 0; q < OD_QUESTIONS; q++)
        list = join(a, list, od_question_name((enum od_question)q));
    return list;
}

struct od_str od_known_topics(struct od_arena *a)
{
    struct od_str list = OD_STR_NONE;

    for (int type = 0; type < OD_EVENT_TYPES; type++)
        list = join(a, list, od_event_type_name((enum od_event_type)type));
    for (size_t i = 0; i < DERIVED; i++)
        list = join(a, list, od_str_of(derived[i].topic));
    return list;
}
