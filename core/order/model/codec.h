#ifndef OD_ORDER_MODEL_CODEC_H
#define OD_ORDER_MODEL_CODEC_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json/json.h"
#include "base/uuid.h"
#include "order/model/fields.h"

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

#endif
