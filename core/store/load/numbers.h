#ifndef OD_STORE_LOAD_NUMBERS_H
#define OD_STORE_LOAD_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "order/machine/decide.h"
#include "pg/conn.h"

/*
 * The numbers of the orders that a batch places and of the documents that it issues. Order ids and
 * the common series come from sequences and may have gaps. The other series are rows of `counter`.
 * The batch that takes from such a row holds it until it commits, and gives back before that what
 * it took and did not use, for a refusal or a repeated key. A batch that is rolled back has taken
 * nothing. So such a series has no gaps. A document's row is named by kind and series,
 * "invoice:NAME", so that series of orders, invoices and credit memos may share a name.
 */

struct od_series {
    struct od_str name; /* the name in `counter` */
    int64_t wanted;     /* how many numbers are wanted */
    int64_t taken;      /* the last number that LOAD took */
    int64_t used;       /* the last number in use */
};

struct od_series_list {
    struct od_series **all; /* [count], sorted by name once it is sent */
    size_t count, cap;
};

struct od_numbers {
    struct od_arena *arena;
    size_t wanted, used;         /* orders that want numbers, and that used theirs */
    int64_t *order_ids, *values; /* [wanted]; values are numbers of the common series */
    struct od_series_list orders, documents;
};

/* Asks for the number of one order to be placed. series absent: the common one. A dry run takes no
 * number from a series; it is shown the one that would come next. */
void od_numbers_want(struct od_numbers *n, struct od_str series, bool dry_run);
/* Sends the statements that take the numbers, or nothing when none are wanted. */
void od_numbers_send(struct od_numbers *n, struct od_pg_conn *conn);

/* Takes the next order's id and number. */
void od_numbers_use(struct od_numbers *n, struct od_str series, int64_t *order_id, int64_t *value);
/* Frees the last number of the series, because its order is not placed. */
void od_numbers_unuse(struct od_numbers *n, struct od_str series);
/* Sends the statement that takes `value` from the series for good, if it comes next and an order
 * has the number that is made of it, because a caller gave that number itself. Else every order of
 * the series would be refused because of it. */
void od_numbers_send_skip(struct od_str series, int64_t value, struct od_str number,
                          struct od_pg_conn *conn);
/* Asks for the number of one document to be issued; kind and series of *doc are set. A dry run is
 * as above. */
void od_numbers_want_document(struct od_numbers *n, const struct od_document_number *doc,
                              bool dry_run);
/* Sends the statement that takes these numbers, behind the orders' series and before stock. */
void od_numbers_send_documents(struct od_numbers *n, struct od_pg_conn *conn);
/* The first sets the value of *doc to the next of its series. The second frees the last one that
 * was used. */
void od_numbers_use_document(struct od_numbers *n, struct od_document_number *doc);
void od_numbers_unuse_document(struct od_numbers *n, const struct od_document_number *doc);

/* Sends the statement that gives back the numbers that LOAD took and nobody used, if there are
 * any. */
void od_numbers_send_unused(const struct od_numbers *n, struct od_pg_conn *conn);

#endif
