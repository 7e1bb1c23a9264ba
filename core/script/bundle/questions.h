#ifndef OD_SCRIPT_BUNDLE_QUESTIONS_H
#define OD_SCRIPT_BUNDLE_QUESTIONS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "order/model/event.h"
#include "order/model/policy.h"

/* The names of the questions that policies answer, and of the topics that hooks follow. */

bool od_question_parse(struct od_str name, enum od_question *out);
/* *out is the type of the events that have the topic, or the usual one. */
bool od_topic_parse(struct od_str name, enum od_event_type *out);
struct od_str od_known_questions(struct od_arena *a); /* "order.status, order.cancel, …" */
struct od_str od_known_topics(struct od_arena *a);

#endif
