#ifndef OD_ORDER_COMMANDS_RETURN_RETURN_H
#define OD_ORDER_COMMANDS_RETURN_RETURN_H

#include "order/machine/read.h"
#include "order/machine/step.h"

/* The parts of deciding about goods that come back. Returns as step.h says. */

void od_return_body_create(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                           struct od_command *out);
void od_return_body_update(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                           struct od_command *out);
void od_return_body_exchange(struct od_reader *r, const struct od_json *v,
                             const struct od_path *root, struct od_command *out);

#endif
