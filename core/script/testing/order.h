#ifndef OD_SCRIPT_TESTING_ORDER_H
#define OD_SCRIPT_TESTING_ORDER_H

#include <stdint.h>

#include "base/err.h"
#include "base/json/json.h"
#include "base/str.h"
#include "order/model/fields.h"
#include "order/model/model.h"

struct od_test;

/* Builds the orders of tests from the tables that describe them. Strings borrow from the tree. */

/* Sets one field from a value as scripts write it: amounts in minor units, times in milliseconds or
 * RFC 3339. */
int od_test_field_set(const struct od_field *f, const struct od_json *v, void *entity,
                      struct od_err *err) OD_MUST_CHECK;
/* Sets every member of the object that is a field. The entity's lists, and what is in `more`
 * (NULL-terminated, or NULL), are left to the caller. */
int od_test_fields_set(enum od_entity_kind kind, const char *const *more, const struct od_json *v,
                       void *entity, struct od_err *err) OD_MUST_CHECK;
/* Fills *err with "item has no field 'skku' (did you mean 'sku'?)", from the entity's fields and
 * `more`, and returns -1. */
int od_test_unknown_field(enum od_entity_kind kind, const char *const *more, struct od_str name,
                          struct od_err *err);

/* Builds an order in exactly the state that the object says, by the Lua names of its fields.
 * Errors name what is wrong with which field. */
int od_test_order_build(struct od_test *t, const struct od_json *state, struct od_order **out,
                        struct od_err *err) OD_MUST_CHECK;
/* Builds its parts, but items and addresses. */
int od_test_parts_build(struct od_test *t, const struct od_json *state, struct od_order *o,
                        struct od_err *err) OD_MUST_CHECK;
/* Finds the list of that name: *n elements, of which *first is the first. An empty table is an
 * empty list. */
int od_test_list(const struct od_json *o, const char *name, const struct od_json **first,
                 uint32_t *n, struct od_err *err) OD_MUST_CHECK;
/* Puts "items[2]: " before the message, and returns -1. */
int od_test_in_list(struct od_err *err, const char *list, uint32_t i);
/* Sets the fields of a part and builds its items. A shipment that says nothing of items has all
 * that is open. */
int od_test_part_build(struct od_test *t, enum od_entity_kind kind, const struct od_json *state,
                       struct od_order *o, void *part, struct od_err *err) OD_MUST_CHECK;

#endif
