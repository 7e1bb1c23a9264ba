#ifndef OD_ORDER_CODEC_H
#define OD_ORDER_CODEC_H

#include "base/arena.h"
#include "base/json.h"
#include "order/event.h"
#include "order/fields.h"
#include "order/model.h"
#include "order/status.h"

/*
 * JSON of entities, made from the field tables, in three dialects: the API's (camelCase, decimal
 * amounts, no internal fields), the ledger's (SQL names, minor units, all fields), and what scripts
 * know from policies (the ledger's, with times in milliseconds since 1970).
 */

enum od_dialect { OD_JSON_API = 0, OD_JSON_LEDGER, OD_JSON_SCRIPT };

/* Members of one entity (no braces). digits: of the order's currency. Absent values: null in the
 * API, else left out; zeros are left out in the ledger. mask: bit per field, ~0 for all. */
void od_entity_write(struct od_json_writer *w, const struct od_entity *e, const void *entity,
                     enum od_dialect dialect, int digits, uint64_t mask);

/* Reads the ledger dialect. Unknown members are an error: the ledger was written by a newer orderd.
 */
int od_entity_read(const struct od_entity *e, const struct od_json *o, void *entity,
                   struct od_arena *a, struct od_err *err) OD_MUST_CHECK;

/* The whole order as API.md describes it (statuses as {code, name, badge, progress}); activities
 * are passed in by the caller as JSON text, absent = []. */
void od_order_write(struct od_json_writer *w, const struct od_order *o,
                    const struct od_status_sets *sets, struct od_str activities);
void od_payment_write(struct od_json_writer *w, const struct od_order *o,
                      const struct od_payment *p);
void od_shipment_write(struct od_json_writer *w, const struct od_order *o,
                       const struct od_shipment *s);
/* {sku, qty, reserved, available} */
struct od_stock;
void od_stock_write(struct od_json_writer *w, const struct od_stock *stock);
void od_status_write(struct od_json_writer *w, const struct od_status_set *set, struct od_str code);
/* The API's form of an event; bundle is the hash of the rules that decided, or absent. digits: of
 * the order's currency. */
void od_event_write(struct od_json_writer *w, const struct od_event *e, struct od_str bundle,
                    int digits);

#endif
