#ifndef OD_ENGINE_BATCH_PARTS_H
#define OD_ENGINE_BATCH_PARTS_H

#include "engine/batch.h"

/* The functions that the batch files share. Internal to batch*.c. */

/* Decides one submission, notes the rows to write, and calls its `decided`. False: it needs another
 * number for a document, which its next try takes; nothing has happened. */
bool od_batch_decide_submission(struct od_batch *b, struct od_submission *s);

/* batch_documents.c has these. This one says whether the commands of one order issue documents for
 * which LOAD takes numbers. */
bool od_batch_has_documents(const struct od_command *c, const struct od_extra_numbers *extra);
/* Asks for the numbers of each order's documents, once the orders are loaded. */
void od_batch_want_documents(struct od_batch *b);
/* Both stand around one decision. The first hands it its numbers. The second takes back those that
 * it did not use, or all of them. */
void od_batch_give_documents(struct od_batch *b, struct od_decision *d);
void od_batch_take_documents(struct od_batch *b, struct od_decision *d, bool all);
/* Takes back the numbers of a decision that is undone. */
void od_batch_undo_documents(struct od_batch *b, struct od_decision *d);
/* Handles the verdict UNNUMBERED: it notes that one more number is needed, or of which series.
 * False: there were too many tries, which is now the reason for the decision's refusal. */
bool od_batch_want_another(struct od_batch *b, struct od_extra_numbers *extra,
                           struct od_decision *d);

void od_batch_answer(struct od_batch *b, struct od_submission *s, struct od_outcome *outcome);

#endif
