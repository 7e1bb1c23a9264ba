#ifndef OD_ENGINE_REPLAY_H
#define OD_ENGINE_REPLAY_H

#include "engine/engine.h"

/*
 * A repeated request. Its key's row keeps what the first one was about (order, version, part), not
 * the answer: once the batch that found the key has ended, the order is read as it was at that
 * version, the submission's `decided` is told, and then its `done`.
 */

struct od_key_row;
struct od_lookup;

struct od_replay;

/* The submission's, of an order; forgets an earlier one. */
void od_replay_begin(struct od_submission *s, const struct od_key_row *row);
/* Reads and answers; the replay is gone by `done`. */
void od_replay_answer(struct od_submission *s, struct od_lookup *lookup);
/* The batch has failed, or is tried again. */
void od_replay_drop(struct od_submission *s);

#endif
