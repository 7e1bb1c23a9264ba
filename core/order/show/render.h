#ifndef OD_ORDER_SHOW_RENDER_H
#define OD_ORDER_SHOW_RENDER_H

#include "base/json/json.h"
#include "order/model/event.h"
#include "order/model/fields.h"
#include "order/model/model.h"
#include "order/model/parts.h"
#include "order/model/status.h"

/* Writes the JSON that the API shows of an order, its parts, its events, and of stock. */

/*
 * Writes an order. Statuses are {code, name, badge, progress}, named as the order's store names
 * them. The caller passes activities as JSON text; absent: [].
 */
struct od_shop;
void od_order_write(struct od_json_writer *w, const struct od_order *o,
                    const struct od_status_sets *sets, const struct od_shop *shop,
                    struct od_str activities);
/* The same for somebody who sees these classes of fields, with "masked" behind it. */
void od_order_write_seen(struct od_json_writer *w, const struct od_order *o,
                         const struct od_status_sets *sets, const struct od_shop *shop,
                         struct od_str activities, unsigned classes);
/* Writes the members of the order's three statuses. shop may be NULL. */
void od_statuses_write(struct od_json_writer *w, const struct od_order *o,
                       const struct od_status_sets *sets, const struct od_shop *shop);
/* Writes the members that say what was authorized, captured, refunded, …, and what follows from
 * that. sight (order/show/sight.h), here and below: NULL shows everything. */
struct od_sight;
void od_amounts_write(struct od_json_writer *w, const struct od_order *o, struct od_sight *sight);
int od_order_digits(const struct od_order *o); /* fraction digits of its currency */

/* render_parts.c: the first writes a part of any kind, with its items, as an object. The second
 * writes only its members, for answers that say more. */
void od_part_write(struct od_json_writer *w, const struct od_order *o, enum od_entity_kind kind,
                   const void *part, struct od_sight *sight);
void od_part_write_members(struct od_json_writer *w, const struct od_order *o,
                           enum od_entity_kind kind, const void *part, struct od_sight *sight);
/* Writes "shipments": [the elements that count of the owner's list of that kind]. */
void od_part_write_list(struct od_json_writer *w, const struct od_order *o,
                        const struct od_part_kind *p, const void *owner, struct od_sight *sight);
/* render_change.c: writes the members that say a change's terms, and the order's total before and
 * after it. */
void od_change_write_terms(struct od_json_writer *w, const struct od_order *o, const void *change,
                           struct od_sight *sight);

/* Writes the stock of a SKU: totals and each location, from `first` on. `about` (may be NULL) takes
 * the place of its location's stock, because the stock of a dry run is not in the list. */
struct od_stock;
void od_stock_write(struct od_json_writer *w, const struct od_stock *first,
                    const struct od_stock *about);
/* The API's form of an event, and its members alone; bundle is the hash of the rules that decided,
 * or absent. digits: of the order's currency. */
void od_event_write(struct od_json_writer *w, const struct od_event *e, struct od_str bundle,
                    int digits);
void od_event_write_members(struct od_json_writer *w, const struct od_event *e,
                            struct od_str bundle, int digits);

#endif
