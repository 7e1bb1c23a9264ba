#ifndef OD_ORDER_LEDGER_EVENT_H
#define OD_ORDER_LEDGER_EVENT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "order/model/event.h"

/*
 * What is done with events of any kind: named, written down, read back, folded. The kinds are rows
 * of the table in machine/kind.h.
 */

/* "order.placed", …; the same names are the hook topics. */
struct od_str od_event_type_name(enum od_event_type type);
bool od_event_type_parse(struct od_str name, enum od_event_type *out);

/* Appends the event's data as one JSON object (not its header columns). */
void od_event_encode(const struct od_event *e, struct od_buf *out);
/* The same as the API shows it: its names, decimal amounts with so many digits. */
struct od_json_writer;
void od_event_data_write(struct od_json_writer *w, const struct od_event *e, int digits);

/* Reads data back into an event whose header is filled; everything lands in the arena, strings may
 * borrow from `data`. */
int od_event_decode(struct od_event *e, struct od_str data, struct od_arena *a,
                    struct od_err *err) OD_MUST_CHECK;

/*
 * Applies an event to a snapshot: the one place where an order changes. For ORDER_PLACED *o is
 * overwritten. Marks dirty what changed. Fails (OD_ERR_INVALID) when the event does not follow on
 * the snapshot (seq is not version + 1, an unknown item, units below zero): the ledger is broken.
 */
int od_fold(struct od_order *o, const struct od_event *e, struct od_arena *a,
            struct od_err *err) OD_MUST_CHECK;

/* The part of fold that sets the statuses an event carries; decide uses it when policies have
 * answered. */
void od_fold_statuses(struct od_order *o, const struct od_event *e);

/* The hook topics an event is known under: its type first, then the derived ones. Returns how many.
 */
struct od_status_sets;
#define OD_EVENT_TOPICS 6
uint32_t od_event_topics(const struct od_event *e, const struct od_status_sets *sets,
                         struct od_str topics[OD_EVENT_TOPICS]);

/* The kinds of OD_EVENT_PARTS, in that order. */
#define OD_EVENT_PART_ONE(KIND, type, member, name) +1
enum { OD_EVENT_PART_KINDS = 0 OD_EVENT_PARTS(OD_EVENT_PART_ONE) };
#undef OD_EVENT_PART_ONE
extern const enum od_entity_kind od_event_part_kinds[OD_EVENT_PART_KINDS];

/* The part of that kind that the event is about, or NULL. */
const void *od_event_part(const struct od_event *e, enum od_entity_kind kind);
/* Makes the event about a part of one of OD_EVENT_PARTS. */
void od_event_set_part(struct od_event *e, enum od_entity_kind kind, const void *part);

#endif
