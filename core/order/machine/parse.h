#ifndef OD_ORDER_MACHINE_PARSE_H
#define OD_ORDER_MACHINE_PARSE_H

#include "order/machine/read.h"

/* The bodies of PLACE and PATCH, which describe an order. Internal to od_command_parse. */
void od_command_parse_place(struct od_reader *r, const struct od_json *body,
                            const struct od_path *root, struct od_str default_currency,
                            struct od_command *out);
void od_command_parse_patch(struct od_reader *r, const struct od_json *body,
                            const struct od_path *root, struct od_command *out);

/* An array of items as PLACE takes them, their unset amounts as od_totals_unset_item leaves them;
 * an address. Amounts have the reader's digits. */
void od_command_read_items(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                           struct od_item **items, uint32_t *count);
void od_command_read_address(struct od_reader *r, const struct od_json *v,
                             const struct od_path *path, struct od_address *to);

/* commands/payment/body.c */
void od_command_parse_payment(struct od_reader *r, const struct od_json *body,
                              const struct od_path *root, struct od_command *out);
void od_command_parse_refund(struct od_reader *r, const struct od_json *body,
                             const struct od_path *root, struct od_command *out);

/* commands/return/body.c */
void od_command_parse_create_return(struct od_reader *r, const struct od_json *body,
                                    const struct od_path *root, struct od_command *out);
void od_command_parse_update_return(struct od_reader *r, const struct od_json *body,
                                    const struct od_path *root, struct od_command *out);
void od_command_parse_exchange(struct od_reader *r, const struct od_json *body,
                               const struct od_path *root, struct od_command *out);

/* commands/change/body.c: PROPOSE_CHANGE */
void od_command_parse_change(struct od_reader *r, const struct od_json *body,
                             const struct od_path *root, struct od_command *out);

#endif
