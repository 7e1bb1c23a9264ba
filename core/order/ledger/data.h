#ifndef OD_ORDER_LEDGER_DATA_H
#define OD_ORDER_LEDGER_DATA_H

#include "order/ledger/event_kind.h"
#include "order/model/codec.h"
#include "order/model/event.h"

/*
 * The rows of events write and read their data with these functions. The data is flat: a shipment's
 * fields, not {"shipment": {…}}. Lists ("items", "units") and addresses stand among the fields
 * under names that no field has. An address is written without its kind, because its key says it.
 * Errors are those of od_event_decode.
 */

/* The form in which data is written: as the ledger keeps it, or as the API shows it. */
struct od_event_form {
    struct od_json_writer *w;
    enum od_dialect dialect;
    int digits; /* of amounts; the ledger writes minor units */
};

void od_event_write_key(const struct od_event_form *f, const char *ledger, const char *api);
void od_event_write_fields(const struct od_event_form *f, enum od_entity_kind kind,
                           const void *entity, uint64_t mask);
uint64_t od_event_mask(enum od_entity_kind kind, unsigned flags); /* fields with one of the flags */
/* that field, which must exist */
uint64_t od_event_field(enum od_entity_kind kind, const char *name);
/* Returns the fields in which the entity has a value. */
uint64_t od_event_present(enum od_entity_kind kind, const void *entity);
/* Writes "key": [{fields}, …] with count entities. */
void od_event_write_list(const struct od_event_form *f, const char *key, enum od_entity_kind kind,
                         const void *first, uint32_t count, uint64_t mask);
void od_event_write_address(const struct od_event_form *f, const struct od_order *o, int i);
void od_event_write_patch(const struct od_event_form *f, const struct od_patch *p);
void od_event_write_unit(const struct od_event_form *f, int32_t order_item_id, int32_t qty);
void od_event_write_amount(const struct od_event_form *f, int64_t amount); /* 0 writes nothing */
/* Writes "units": [{"order_item_id", "qty"}, …], and "amount". */
void od_event_write_units(const struct od_event_form *f, const struct od_event *e);

/* Takes a member out of an object, so that only fields stay. NULL: there is no such member. */
struct od_json *od_event_take(struct od_json *o, const char *key);
/* Fails unless it is a list; NULL counts as an empty one. */
int od_event_check_list(const struct od_json *list, const char *what,
                        struct od_err *err) OD_MUST_CHECK;
/* Fails when a member is left, because what was not taken is unknown. */
int od_event_check_empty(const struct od_json *data, struct od_err *err) OD_MUST_CHECK;
/* Reads a list of entities under a key. Without the key it is empty. */
int od_event_read_list(struct od_json *data, const char *key, enum od_entity_kind kind,
                       void **first, uint32_t *count, struct od_arena *a,
                       struct od_err *err) OD_MUST_CHECK;
/* Reads both addresses into *o. named[] (may be NULL) says which were there; null counts. */
int od_event_read_addresses(struct od_order *o, struct od_json *data, bool named[2],
                            struct od_arena *a, struct od_err *err) OD_MUST_CHECK;
/* Reads the header fields, addresses and items (whole lines) of a patch. */
int od_event_read_patch(struct od_event *e, struct od_json *data, struct od_arena *a,
                        struct od_err *err) OD_MUST_CHECK;
int od_event_read_units(struct od_event *e, struct od_json *data, struct od_arena *a,
                        struct od_err *err) OD_MUST_CHECK;
int od_event_read_amount(struct od_event *e, struct od_json *data,
                         struct od_err *err) OD_MUST_CHECK;

/* These are for events whose data are the fields of a payment. amount_moved is not among them,
 * because splits move it later. */
uint64_t od_event_payment_fields(void);
void od_event_write_payment(const struct od_event_form *f, const struct od_event *e);
int od_event_read_payment(struct od_event *e, struct od_json *data, struct od_arena *a,
                          struct od_err *err) OD_MUST_CHECK;

#endif
