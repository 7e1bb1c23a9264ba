#ifndef OD_ORDER_MACHINE_EVENT_DATA_H
#define OD_ORDER_MACHINE_EVENT_DATA_H

#include "order/model/codec.h"
#include "order/model/event.h"

/* The parts of encode.c and decode.c that have a file of their own, and what they
 * share. Errors as od_event_decode. */

/* How the data is written: as the ledger keeps it, or as the API shows it. */
struct od_event_form {
    struct od_json_writer *w;
    enum od_dialect dialect;
    int digits; /* of amounts; the ledger's are in minor units */
};

void od_event_write_fields(const struct od_event_form *f, enum od_entity_kind kind,
                           const void *entity, uint64_t mask);
uint64_t od_event_mask(enum od_entity_kind kind, unsigned flags); /* fields with one of the flags */
uint64_t od_event_field(enum od_entity_kind kind, const char *name); /* the one, which there is */
/* "key": [{fields}, …] of count entities. */
void od_event_write_list(const struct od_event_form *f, const char *key, enum od_entity_kind kind,
                         const void *first, uint32_t count, uint64_t mask);
void od_event_write_patch(const struct od_event_form *f, const struct od_patch *p);

/* Takes a member out of an object, so that what stays is fields alone. NULL when there is none. */
struct od_json *od_event_take(struct od_json *o, const char *key);
/* A list of entities under a key; none is an empty one. */
int od_event_read_list(struct od_json *data, const char *key, enum od_entity_kind kind,
                       void **first, uint32_t *count, struct od_arena *a,
                       struct od_err *err) OD_MUST_CHECK;
/* Header fields, addresses and items (whole lines) of a patch. */
int od_event_read_patch(struct od_event *e, struct od_json *data, struct od_arena *a,
                        struct od_err *err) OD_MUST_CHECK;

/* commands/refund/event.c: payment.refunded ("items", and "payment": {…}), refund.confirmed, and
 * invoice.issued and .credited. */
void od_event_write_refund(const struct od_event_form *f, const struct od_event *e);
int od_event_read_refund(struct od_event *e, struct od_json *data, struct od_arena *a,
                         struct od_err *err) OD_MUST_CHECK;
void od_event_write_invoice(const struct od_event_form *f, const struct od_event *e);
int od_event_read_invoice(struct od_event *e, struct od_json *data, struct od_arena *a,
                          struct od_err *err) OD_MUST_CHECK;

/* commands/return/event.c: return.* ("items" where there are any); change.*, order.changed
 * ("change": {…}, and the patch). */
void od_event_write_return(const struct od_event_form *f, const struct od_event *e);
int od_event_read_return(struct od_event *e, struct od_json *data, struct od_arena *a,
                         struct od_err *err) OD_MUST_CHECK;
void od_event_write_change(const struct od_event_form *f, const struct od_event *e);
int od_event_read_change(struct od_event *e, struct od_json *data, struct od_arena *a,
                         struct od_err *err) OD_MUST_CHECK;

#endif
