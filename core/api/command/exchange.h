#ifndef OD_API_COMMAND_EXCHANGE_H
#define OD_API_COMMAND_EXCHANGE_H

#include "base/json/json.h"
#include "engine/engine.h"

/* The goods of a return sent again as another order: the new one is placed, and the returned one
 * told so, in one submission. */
struct od_exchange {
    struct od_command exchanged; /* on the returned order; the caller sets ret.return_id */
    struct od_part part;
};

/* Takes from the returned order what the body of the new one leaves out, and makes *s, which has
 * the returned order's ref and version, the submission of both. The caller has read `placed` of the
 * body, and gives the submission to the engine then. */
void od_exchange_join(struct od_exchange *x, struct od_submission *s, struct od_command *placed,
                      const struct od_json *body, const struct od_order *original,
                      struct od_arena *a);

#endif
