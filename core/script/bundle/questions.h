#ifndef OD_SCRIPT_BUNDLE_QUESTIONS_H
#define OD_SCRIPT_BUNDLE_QUESTIONS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "order/policy.h"

/* The names of the questions that policies answer, and of the topics that hooks follow. */

bool od_question_parse(struct od_str name, enum od_question *out);
bool od_topic_known(struct od_str name);
struct od_str od_known_questions(struct od_arena *a); /* "order.status, order.cancel, …" */
struct od_str od_known_topics(struct od_arena *a);

#endif
