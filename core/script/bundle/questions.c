#include "script/bundle/questions.h"

#include "order/event.h"

/* Derived from an event by od_event_topics; the events' own types are topics, too. */
static const char *const derived_topics[] = {"payment.paid", "order.status_changed",
                                             "payment.status_changed", "shipment.status_changed"};
#define DERIVED (sizeof derived_topics / sizeof derived_topics[0])

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

bool od_topic_known(struct od_str name)
{
    enum od_event_type type;

    for (size_t i = 0; i < DERIVED; i++)
        if (od_str_is(name, derived_topics[i]))
            return true;
    return od_event_type_parse(name, &type);
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
        list = join(a, list, od_str_of(derived_topics[i]));
    return list;
}
