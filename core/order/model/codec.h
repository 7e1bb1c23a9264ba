#ifndef OD_ORDER_MODEL_CODEC_H
#define OD_ORDER_MODEL_CODEC_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json/json.h"
#include "base/uuid.h"
#include "order/model/fields.h"

/*
 * Writes and reads entities as JSON by the tables of fields, in three dialects. The API's has
 * camelCase names, decimal amounts and no internal fields. The ledger's has SQL names, minor units
 * and all fields. The scripts' is the ledger's with times in milliseconds since 1970.
 */

enum od_dialect { OD_JSON_API = 0, OD_JSON_LEDGER, OD_JSON_SCRIPT };

/* Writes the members of one entity, without braces. digits: of the order's currency. An absent
 * value is null in the API and left out elsewhere; the ledger leaves out zeros, too. mask: a bit
 * for each field, ~0 for all. */
void od_entity_write(struct od_json_writer *w, const struct od_entity *e, const void *entity,
                     enum od_dialect dialect, int digits, uint64_t mask);

/* As od_entity_write for the API, where a field of a class that is not in `classes` is null.
 * Returns the fields that have a value and were hidden. */
uint64_t od_entity_write_seen(struct od_json_writer *w, const struct od_entity *e,
                              const void *entity, int digits, uint64_t mask, unsigned classes);

/* Whether the API shows the field as null; and its value as the API shows it, which is not null. */
bool od_field_none(const struct od_field *f, const void *entity);
void od_field_write(struct od_json_writer *w, const struct od_field *f, const void *entity,
                    int digits);

/* Reads the ledger's dialect. An unknown member is an error, because a newer orderd wrote the
 * ledger. */
int od_entity_read(const struct od_entity *e, const struct od_json *o, void *entity,
                   struct od_arena *a, struct od_err *err) OD_MUST_CHECK;

#endif
