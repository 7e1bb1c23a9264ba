#ifndef OD_CLI_IMPORT_SOURCE_H
#define OD_CLI_IMPORT_SOURCE_H

#include <stdint.h>

#include "cli/import/import.h"
#include "base/arena.h"
#include "base/digest.h"
#include "base/str.h"
#include "base/uuid.h"
#include "order/model/command.h"
#include "order/model/status.h"

/*
 * The source of an import's orders. A format turns its input into units, and the driver (import.c)
 * submits them. Internal to this folder.
 */

/* A note for the report about an order. reason: letters and underscores; a C literal or in the
 * unit's arena. */
struct od_import_note {
    struct od_import_note *next;
    const char *reason;
    struct od_str detail;
};

/* A unit is one order or the stock of one SKU. It takes effect whole or not at all, and lives in
 * its own arena. */
struct od_import_unit {
    struct od_arena arena;
    struct od_command *commands; /* linked by next; NULL: it is unreadable, the notes say why */
    struct od_uuid uuid;         /* of the order, which is looked up first; zero: not known */
    struct od_str key;           /* idempotency key; absent when the input gives a uuid */
    uint8_t request_hash[OD_SHA256];
    struct od_str order;          /* the order's name in the report; may be absent */
    size_t line;                  /* the line of the input; 0: it is not on one line */
    struct od_import_note *notes; /* in the order in which they were added */
};

void od_import_note(struct od_import_unit *u, const char *reason, const char *fmt, ...)
    OD_PRINTF(3, 4);

struct od_import_source {
    void *ctx;
    uint64_t total; /* the number of units, for the progress bar; 0: not known */
    /* Fills the next unit, which is zeroed but for its arena. 1: there is one. 0: it is the end.
     * -1: the input cannot be read any further. */
    int (*next)(void *ctx, struct od_import_unit *u, struct od_err *err);
    void (*close)(void *ctx);
};

struct od_shop;

/* The part of the shop's rules that a format needs. It is borrowed and must outlive the source. */
struct od_import_shop {
    const struct od_status_sets *statuses;
    struct od_str default_currency;
    const struct od_shop *shop; /* may be NULL */
};

int od_import_olist_open(struct od_import_source *s, const char *directory,
                         const struct od_import_shop *shop, struct od_err *err) OD_MUST_CHECK;
int od_import_ndjson_open(struct od_import_source *s, const char *path,
                          const struct od_import_shop *shop, struct od_err *err) OD_MUST_CHECK;

/* Returns the first status of a set in that phase; absent: there is none. */
struct od_str od_import_status(const struct od_import_shop *shop, enum od_status_kind kind,
                               const char *phase);

#endif
