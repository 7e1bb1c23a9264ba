#ifndef OD_ORDER_LEDGER_EVENT_H
#define OD_ORDER_LEDGER_EVENT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "order/model/event.h"

/*
 * Names, writes, reads back and folds events of any kind. The kinds are the rows of
 * ledger/event_kind.h.
 */

/* Both turn a type into its name and back: "order.placed", …. The same names are the hook
 * topics. */
struct od_str od_event_type_name(enum od_event_type type);
bool od_event_type_parse(struct od_str name, enum od_event_type *out);

/* Appends the event's data as one JSON object, without its header columns. */
void od_event_encode(const struct od_event *e, struct od_buf *out);
/* Writes the data as the API shows it, with the API's names and decimal amounts of so many
 * digits. */
struct od_json_writer;
void od_event_data_write(struct od_json_writer *w, const struct od_event *e, int digits);

/* Reads data back into an event whose header is filled. Everything is in the arena; strings may
 * borrow from `data`. */
int od_event_decode(struct od_event *e, struct od_str data, struct od_arena *a,
                    struct od_err *err) OD_MUST_CHECK;

/*
 * Applies an event to a snapshot. This is the one place where an order changes. ORDER_PLACED
 * overwrites *o. Whatever changes is marked dirty. OD_ERR_INVALID: the event does not follow on the
 * snapshot (its seq is not version + 1, an item is unknown, units would fall below zero), so the
 * ledger is broken.
 */
int od_fold(struct od_order *o, const struct od_event *e, struct od_arena *a,
            struct od_err *err) OD_MUST_CHECK;

/* Sets the statuses that an event carries; a part of fold. decide uses it when policies have
 * answered. */
void od_fold_statuses(struct od_order *o, const struct od_event *e);

/* Lists the hook topics of an event, its type first and then the derived ones, and returns how
 * many. */
struct od_status_sets;
#define OD_EVENT_TOPICS 6
uint32_t od_event_topics(const struct od_event *e, const struct od_status_sets *sets,
                         struct od_str topics[OD_EVENT_TOPICS]);

/* The kinds of OD_EVENT_PARTS, in that order. */
#define OD_EVENT_PART_ONE(KIND, type, member, name) +1
enum { OD_EVENT_PART_KINDS = 0 OD_EVENT_PARTS(OD_EVENT_PART_ONE) };
#undef OD_EVENT_PART_ONE
extern const enum od_entity_kind od_event_part_kinds[OD_EVENT_PART_KINDS];

/* Returns the part of that kind that the event is about, or NULL. */
const void *od_event_part(const struct od_event *e, enum od_entity_kind kind);
/* Makes the event about a part of one of OD_EVENT_PARTS. */
void od_event_set_part(struct od_event *e, enum od_entity_kind kind, const void *part);

#endif
