#ifndef OD_STORE_SEARCH_FIND_H
#define OD_STORE_SEARCH_FIND_H

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "order/show/filter.h"
#include "pg/conn.h"

/*
 * Questions that are asked of the projection "search" (store/read/search.h). What matches how is
 * ranked, and within a rank the newest order comes first, so pages neither skip nor repeat. For
 * each rank the newest orders are looked at first: what half of all orders have fills a page from
 * them, and only what is rare is looked up in the index.
 */

/* The lines of a document, in their order. */
#define OD_SEARCH_FIELDS(X)                                                                        \
    X(NUMBER, "orderNumber")                                                                       \
    X(NAME, "customerFullName")                                                                    \
    X(EMAIL, "customerEmail")                                                                      \
    X(TELEPHONE, "telephone")                                                                      \
    X(TRACKING, "trackingNumber")                                                                  \
    X(TRANSACTION, "transactionId")                                                                \
    X(SKU, "sku")

enum od_search_field {
#define OD_SEARCH_FIELD(NAME, name) OD_SEARCH_IN_##NAME,
    OD_SEARCH_FIELDS(OD_SEARCH_FIELD)
#undef OD_SEARCH_FIELD
        OD_SEARCH_FIELD_COUNT
};

enum od_search_rank {
    OD_SEARCH_EXACT = 0, /* it is the order's number */
    OD_SEARCH_PREFIX,    /* words begin with all terms */
    OD_SEARCH_PART,      /* all terms are somewhere in it, or the digits of a telephone number */
    OD_SEARCH_SIMILAR,   /* with words of names that differ from the terms in a letter or two */
    OD_SEARCH_RANKS
};

enum { OD_SEARCH_TERMS = 8, OD_SEARCH_SIMILAR_WORDS = 5, OD_SEARCH_Q_MAX = 200 };

struct od_find {
    struct od_arena *arena;
    struct od_str folded; /* what od_find_fold answered */
    struct od_str digits; /* of a telephone number; absent: it is none */
    struct od_str terms[OD_SEARCH_TERMS];
    uint32_t term_count;
    /* SIMILAR: words like each term; none: the term itself. */
    struct od_str similar[OD_SEARCH_TERMS][OD_SEARCH_SIMILAR_WORDS];
    uint32_t similar_count[OD_SEARCH_TERMS];
    const struct od_filter *filters; /* [filter_count], as for a list */
    uint32_t filter_count;
    enum od_search_rank rank; /* of the last order that is known; EXACT at the beginning */
    int64_t below;            /* its order id; INT64_MAX at the beginning */
    uint32_t limit;           /* rows at most */
};

/* Folds what somebody typed, as documents are folded. rows[1]: (folded text, digits text) */
void od_find_fold(struct od_pg_conn *conn, struct od_str q, od_pg_on_result *on_result, void *ctx);
/* Cuts f->folded into terms. False: there are more than OD_SEARCH_TERMS. */
bool od_find_terms(struct od_find *f);
/* Words of names that are like the terms. rows: (term int4, counted from 1, word text), the likest
 * first, at most OD_SEARCH_SIMILAR_WORDS a term. */
void od_find_similar(const struct od_find *f, struct od_pg_conn *conn, od_pg_on_result *on_result,
                     void *ctx);
/* Orders from f->rank and f->below on; where the number is exact, that order alone, and the others
 * come behind its cursor; only those of SIMILAR when `rank` is that, else only the
 * others. rows: (rank int4, order_id int8, doc text) */
void od_find_send(const struct od_find *f, struct od_pg_stmt *stmt, struct od_pg_conn *conn,
                  od_pg_on_result *on_result, void *ctx);
/* Whether the field of a document has any of the terms, or, for SIMILAR, of the words like them. */
bool od_find_is_in(const struct od_find *f, enum od_search_rank rank, struct od_str doc,
                   enum od_search_field field);

#endif
