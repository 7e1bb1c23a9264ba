#ifndef OD_ENGINE_BATCH_PARTS_H
#define OD_ENGINE_BATCH_PARTS_H

#include "engine/batch.h"

/* What the batch files share. Internal to batch*.c. */

/* Decides one submission, keeps what is to be written, and calls its `decided`. */
void od_batch_decide_submission(struct od_batch *b, struct od_submission *s);

void od_batch_answer(struct od_batch *b, struct od_submission *s, struct od_outcome *outcome);

#endif
