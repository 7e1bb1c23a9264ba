#ifndef OD_SCRIPT_TASK_SERVICE_BODY_H
#define OD_SCRIPT_TASK_SERVICE_BODY_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/*
 * The table a script gives for a command as text of the HTTP API's body, so that scripts and HTTP
 * share one parser and one set of messages. `table_json` is the table written as JSON. snake_case
 * keys become camelCase; integers in fields of type MONEY become decimals of the currency (absent:
 * they are refused), of type DECIMAL decimals of 4 digits, placed_at RFC 3339; customer_id, _email
 * and _full_name are nested; what stands in JSON fields (metadata) is the shop's own and copied.
 * err->origin is a JSON pointer into the table.
 */
int od_service_body(struct od_str table_json, struct od_str currency, struct od_buf *out,
                    struct od_err *err) OD_MUST_CHECK;

#endif
