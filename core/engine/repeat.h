#ifndef OD_ENGINE_REPEAT_H
#define OD_ENGINE_REPEAT_H

#include "engine/engine.h"

/*
 * Answers a repeated request. The row of its key does not keep the answer but what the first
 * request was about: order, version, part. Once the batch that found the key has ended, the order
 * is read as it was at that version. Then the submission's `decided` is called with it, and then
 * its `done`.
 */

struct od_key_row;
struct od_lookup;

struct od_repeat;

/* Gives the submission a repetition of what the row is about. It drops an earlier one. */
void od_repeat_begin(struct od_submission *s, const struct od_key_row *row);
/* Reads the order and answers. The repetition is freed before `done` is called. */
void od_repeat_answer(struct od_submission *s, struct od_lookup *lookup);
/* Drops the repetition, because the batch has failed or is tried again. */
void od_repeat_drop(struct od_submission *s);

#endif
