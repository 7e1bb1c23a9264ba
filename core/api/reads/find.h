#ifndef OD_API_READS_FIND_H
#define OD_API_READS_FIND_H

#include "api/api.h"
#include "base/json/json.h"
#include "http/request.h"
#include "engine/rules.h"
#include "store/load/load.h"

/* GET /api/orders?q=: what list.c answers when there is something to search for. */
void od_api_find(struct od_api *api, struct od_http_request *req, struct od_str q);

/* Whether all that `fields` names, with commas between, are members of an order; absent: yes. Else
 * it has been answered with 422. */
bool od_api_fields_known(struct od_http_request *req, struct od_str fields,
                         const struct od_rules *rules);
/* Writes an order as lists show it: whole, or the members that `fields` names, with commas between
 * them; absent: whole. */
void od_api_write_order(struct od_json_writer *w, struct od_http_request *req, struct od_str fields,
                        const struct od_rules *rules, const struct od_loaded *l);

#endif
