#ifndef OD_ORDER_MACHINE_BODY_H
#define OD_ORDER_MACHINE_BODY_H

#include "order/machine/read.h"

/* Members that the bodies of several commands have. Internal to order/. */

/* Not null and not absent. */
bool od_body_has(const struct od_json *body, const char *member);
/* A problem unless the body has it. */
void od_body_require(struct od_reader *r, const struct od_json *body, const struct od_path *root,
                     const char *member);
bool od_body_bool(struct od_reader *r, const struct od_json *v, const struct od_path *path);
/* An amount in a currency that only decide knows: kept as it is written. */
struct od_str od_body_literal(struct od_reader *r, const struct od_json *v,
                              const struct od_path *path);
/* A member's reader: `text`, of at most OD_REASON_MAX bytes. */
void od_body_reason(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                    struct od_command *c);
/* For commands without a body: an empty object. */
void od_body_empty(struct od_reader *r, const struct od_json *body, const struct od_path *root,
                   struct od_command *out);

/* [{"orderItemId", "qty"}, …] */
struct od_units *od_body_units(struct od_reader *r, const struct od_json *v,
                               const struct od_path *path, uint32_t *count);
/* {"items": units, "reason"}, each of which may be left out, into the command's. */
void od_body_units_and_reason(struct od_reader *r, const struct od_json *body,
                              const struct od_path *root, struct od_command *out);
/* An array of items as PLACE takes them, their unset amounts as od_totals_unset_item leaves them;
 * an address. Amounts have the reader's digits. */
void od_body_items(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                   struct od_item **items, uint32_t *count);
void od_body_address(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                     struct od_address *to);
/* {"id", "email", "fullName"} into *to; returns the fields that were named, null ones too. */
uint64_t od_body_customer(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          struct od_order *to);
uint64_t od_body_customer_fields(void); /* all of them */

#endif
