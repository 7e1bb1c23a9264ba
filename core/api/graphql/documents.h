#ifndef OD_API_GRAPHQL_DOCUMENTS_H
#define OD_API_GRAPHQL_DOCUMENTS_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/list.h"
#include "base/map.h"
#include "read/graphql/parser.h"
#include "read/graphql/schema.h"

/*
 * Documents that were parsed and validated, by the SHA-256 of their text, so that a client that
 * sends the same one again pays for neither. The least recently used one leaves when there are too
 * many. A document that is not valid is not kept.
 */

struct od_gql_text {
    int refs;
    uint8_t hash[OD_SHA256];
    struct od_arena arena;
    struct od_str source;
    struct od_gql_document *document; /* NULL: see faults */
    struct od_gql_faults faults;
    struct od_list node; /* the cache's */
};

struct od_gql_texts {
    const struct od_gql_schema *schema;
    struct od_gql_limits limits;
    struct od_map by_hash;
    struct od_list used; /* the least recently used one first */
    uint32_t count, most;
    uint64_t hits, misses;
};

void od_gql_texts_init(struct od_gql_texts *t, const struct od_gql_schema *schema,
                       const struct od_gql_limits *limits, uint32_t most);
void od_gql_texts_fini(struct od_gql_texts *t);

/* Returns the document of that text, counted. It has faults, or it is valid. */
struct od_gql_text *od_gql_texts_get(struct od_gql_texts *t, struct od_str source);
/* Returns the one of that hash, counted; NULL: it is not kept here. */
struct od_gql_text *od_gql_texts_find(struct od_gql_texts *t, const uint8_t hash[OD_SHA256]);
void od_gql_text_unref(struct od_gql_text *text);

#endif
