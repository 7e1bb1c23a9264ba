#ifndef OD_ORDER_COMMAND_PARSE_H
#define OD_ORDER_COMMAND_PARSE_H

#include "order/command_read.h"

/* The bodies of PLACE and PATCH, which describe an order. Internal to od_command_parse. */
void od_command_parse_place(struct od_reader *r, const struct od_json *body,
                            const struct od_path *root, struct od_str default_currency,
                            struct od_command *out);
void od_command_parse_patch(struct od_reader *r, const struct od_json *body,
                            const struct od_path *root, struct od_command *out);

#endif
