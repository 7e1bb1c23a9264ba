#ifndef OD_ENGINE_BATCH_PARTS_H
#define OD_ENGINE_BATCH_PARTS_H

#include "engine/batch.h"

/* What the batch files share. Internal to batch*.c. */

/* Decides one submission, keeps what is to be written, and calls its `decided`. False: it needs
 * another number for a document, which its next try takes; nothing has happened. */
bool od_batch_decide_submission(struct od_batch *b, struct od_submission *s);

/* batch_documents.c. Whether the commands of one order issue documents for which LOAD takes
 * numbers. */
bool od_batch_has_documents(const struct od_command *c, const struct od_extra_numbers *extra);
/* With the orders loaded: wants numbers for each of them. */
void od_batch_want_documents(struct od_batch *b);
/* Around one decision: hands it its numbers; takes back those it did not use, or all. */
void od_batch_give_documents(struct od_batch *b, struct od_decision *d);
void od_batch_take_documents(struct od_batch *b, struct od_decision *d, bool all);
/* Takes back those that a decision used which is undone. */
void od_batch_undo_documents(struct od_batch *b, struct od_decision *d);
/* UNNUMBERED: notes that one more is needed, or of which series. False: they were too many, which
 * is now the decision's refusal. */
bool od_batch_want_another(struct od_batch *b, struct od_extra_numbers *extra,
                           struct od_decision *d);

void od_batch_answer(struct od_batch *b, struct od_submission *s, struct od_outcome *outcome);

#endif
