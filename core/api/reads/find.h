#ifndef OD_API_READS_FIND_H
#define OD_API_READS_FIND_H

#include "api/api.h"
#include "base/json/json.h"
#include "http/request.h"
#include "engine/rules.h"
#include "store/load/load.h"

struct od_principal;

/* GET /api/orders?q=: what list.c answers when there is something to search for. */
void od_api_find(struct od_api *api, struct od_http_request *req, const struct od_principal *who,
                 struct od_str q);
/* Adds the stores that the caller sees to the filters: room for one more; *count grows by it. */
struct od_filter;
void od_api_filter_stores(const struct od_principal *who, struct od_arena *a,
                          struct od_filter *filters, uint32_t *count);
/* Whether the caller sees what a filter or sort is about; else it has been answered with 403. */
bool od_api_filter_seen(struct od_http_request *req, const struct od_principal *who,
                        struct od_str name);

/* Whether all that `fields` names, with commas between, are members of an order; absent: yes. Else
 * it has been answered with 422. */
bool od_api_fields_known(struct od_http_request *req, struct od_str fields,
                         const struct od_rules *rules);
/* Writes an order as lists show it: whole, or the members that `fields` names, with commas between
 * them; absent: whole. classes: of fields that its reader sees. */
void od_api_write_order(struct od_json_writer *w, struct od_http_request *req, struct od_str fields,
                        const struct od_rules *rules, const struct od_loaded *l, unsigned classes);

#endif
