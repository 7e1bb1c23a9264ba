#ifndef OD_ORDER_MACHINE_BODY_H
#define OD_ORDER_MACHINE_BODY_H

#include "order/machine/read.h"

/* Reads members that the bodies of several commands have. Internal to order/. */

/* Whether the member is neither null nor absent. */
bool od_body_has(const struct od_json *body, const char *member);
/* Adds a problem unless the body has the member. */
void od_body_require(struct od_reader *r, const struct od_json *body, const struct od_path *root,
                     const char *member);
bool od_body_bool(struct od_reader *r, const struct od_json *v, const struct od_path *path);
/* Reads an amount in a currency that only decide knows, so it keeps the text as it is written. */
struct od_str od_body_literal(struct od_reader *r, const struct od_json *v,
                              const struct od_path *path);
/* Reads a member into c->text, of at most OD_REASON_MAX bytes. */
void od_body_reason(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                    struct od_command *c);
/* Reads the body of a command that has none: an empty object. */
void od_body_empty(struct od_reader *r, const struct od_json *body, const struct od_path *root,
                   struct od_command *out);

/* Reads [{"orderItemId", "qty"}, …]. */
struct od_units *od_body_units(struct od_reader *r, const struct od_json *v,
                               const struct od_path *path, uint32_t *count);
/* {"items": units, "reason"}, each of which may be left out, into the command's. */
void od_body_units_and_reason(struct od_reader *r, const struct od_json *body,
                              const struct od_path *root, struct od_command *out);
/* Read an array of items as PLACE takes them, and an address. Unset amounts are as
 * od_totals_unset_item leaves them; amounts have the reader's digits. */
void od_body_items(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                   struct od_item **items, uint32_t *count);
void od_body_address(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                     struct od_address *to);
/* The shapes of these, for members that take them. */
extern const struct od_shape od_shape_units, od_shape_item, od_shape_address, od_shape_customer;
extern const struct od_shape od_shape_units_and_reason, od_shape_empty; /* of whole bodies */

/* Reads {"id", "email", "fullName"} into *to and returns the fields that were named, also with
 * null. */
uint64_t od_body_customer(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          struct od_order *to);
uint64_t od_body_customer_fields(void); /* all of them */

#endif
