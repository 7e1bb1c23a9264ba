#ifndef OD_STORE_LOAD_NUMBERS_H
#define OD_STORE_LOAD_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "order/machine/decide.h"
#include "pg/conn.h"

/*
 * The numbers of the orders that a batch places and of the documents it issues. Order ids and the
 * common series come from sequences and may have gaps; the other series are rows of `counter`,
 * which the batch that takes from them holds until it commits. What it took and did not use (a
 * refusal, a repeated key) it gives back before that, and a batch that is rolled back has taken
 * nothing: such a series has no gaps. A document's row is named by kind and series,
 * "invoice:NAME", so that series of orders, invoices and credit memos may share a name.
 */

struct od_series {
    struct od_str name; /* in `counter` */
    int64_t wanted;     /* numbers */
    int64_t taken;      /* the last number LOAD took */
    int64_t used;       /* the last number in use */
};

struct od_series_list {
    struct od_series **all; /* [count], in order of names once sent */
    size_t count, cap;
};

struct od_numbers {
    struct od_arena *arena;
    size_t wanted, used;         /* orders */
    int64_t *order_ids, *values; /* [wanted]; values: of the common series */
    struct od_series_list orders, documents;
};

/* One order is to be placed. series absent: the common one. A dry run takes no number from a
 * series; it is shown the one that would come next. */
void od_numbers_want(struct od_numbers *n, struct od_str series, bool dry_run);
/* Sends the statements that take them; nothing when none are wanted. */
void od_numbers_send(struct od_numbers *n, struct od_pg_conn *conn);

/* The next order's id and number. */
void od_numbers_use(struct od_numbers *n, struct od_str series, int64_t *order_id, int64_t *value);
/* The order that used the last number of the series will not be placed. */
void od_numbers_unuse(struct od_numbers *n, struct od_str series);
/* Sends the statement that takes `value` from the series for good when it comes next and an order
 * has the number made of it: a caller gave that number itself. Else every order of the series would
 * be refused for it. */
void od_numbers_send_skip(struct od_str series, int64_t value, struct od_str number,
                          struct od_pg_conn *conn);
/* One document is to be issued; kind and series of *doc are set. A dry run as above. */
void od_numbers_want_document(struct od_numbers *n, const struct od_document_number *doc,
                              bool dry_run);
/* Sends the statement that takes them: behind the orders' series, before stock. */
void od_numbers_send_documents(struct od_numbers *n, struct od_pg_conn *conn);
/* Sets the value of *doc to the next of its series; unuse: the last one used is free again. */
void od_numbers_use_document(struct od_numbers *n, struct od_document_number *doc);
void od_numbers_unuse_document(struct od_numbers *n, const struct od_document_number *doc);

/* Sends the statement that gives back what LOAD took and nobody uses, if there is any. */
void od_numbers_send_unused(const struct od_numbers *n, struct od_pg_conn *conn);

#endif
