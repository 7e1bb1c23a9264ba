#ifndef OD_SCRIPT_TASK_SERVICE_BODY_H
#define OD_SCRIPT_TASK_SERVICE_BODY_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/*
 * Turns the table that a script gives for a command, written as JSON, into the body that the HTTP
 * API takes, so that scripts and HTTP share one parser and one set of messages.
 *
 * snake_case keys become camelCase. Integers in fields of type MONEY become decimals of the
 * currency and are refused when it is absent; integers in fields of type DECIMAL become decimals of
 * 4 digits. placed_at becomes RFC 3339. customer_id, _email and _full_name are nested. The contents
 * of JSON fields (metadata) are the shop's own, and copied. err->origin is a JSON pointer into the
 * table.
 */
int od_service_body(struct od_str table_json, struct od_str currency, struct od_buf *out,
                    struct od_err *err) OD_MUST_CHECK;

#endif
