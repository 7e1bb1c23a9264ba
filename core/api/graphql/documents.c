#include "api/graphql/documents.h"

#include <stdlib.h>

#include "base/assert.h"
#include "read/graphql/validate.h"

enum { FAULTS_MAX = 50 };

void od_gql_texts_init(struct od_gql_texts *t, const struct od_gql_schema *schema,
                       const struct od_gql_limits *limits, uint32_t most)
{
    *t = (struct od_gql_texts){.schema = schema, .limits = *limits, .most = most};
    od_map_init(&t->by_hash);
    od_list_init(&t->used);
}

void od_gql_text_unref(struct od_gql_text *text)
{
    if (!text || --text->refs)
        return;
    od_arena_fini(&text->arena);
    free(text);
}

static struct od_str key(const struct od_gql_text *text)
{
    return od_str_n((const char *)text->hash, OD_SHA256);
}

static void drop_oldest(struct od_gql_texts *t)
{
    struct od_gql_text *text = OD_LIST_ENTRY(od_list_shift(&t->used), struct od_gql_text, node);

    od_map_remove(&t->by_hash, key(text));
    t->count--;
    od_gql_text_unref(text);
}

void od_gql_texts_fini(struct od_gql_texts *t)
{
    while (t->count)
        drop_oldest(t);
    od_map_fini(&t->by_hash);
}

struct od_gql_text *od_gql_texts_find(struct od_gql_texts *t, const uint8_t hash[OD_SHA256])
{
    struct od_gql_text *text = od_map_get(&t->by_hash, od_str_n((const char *)hash, OD_SHA256));

    if (!text)
        return NULL;
    od_list_remove(&text->node);
    od_list_push(&t->used, &text->node);
    text->refs++;
    t->hits++;
    return text;
}

static void keep(struct od_gql_texts *t, struct od_gql_text *text)
{
    if (!t->most)
        return;
    if (t->count == t->most)
        drop_oldest(t);
    text->refs++;
    t->count++;
    od_map_put(&t->by_hash, key(text), text);
    od_list_push(&t->used, &text->node);
}

struct od_gql_text *od_gql_texts_get(struct od_gql_texts *t, struct od_str source)
{
    uint8_t hash[OD_SHA256];
    od_sha256_of(source, hash);
    struct od_gql_text *text = od_gql_texts_find(t, hash);

    if (text)
        return text;
    t->misses++;
    text = calloc(1, sizeof *text);
    OD_ASSERT(text);
    text->refs = 1;
    memcpy(text->hash, hash, OD_SHA256);
    od_arena_init(&text->arena);
    text->source = od_arena_str(&text->arena, source);
    od_gql_faults_init(&text->faults, &text->arena, FAULTS_MAX);
    if (od_gql_parse(&text->arena, text->source, &t->limits, &text->document, &text->faults) == 0)
        od_gql_validate(t->schema, text->document, &text->arena, &text->faults);
    if (!text->faults.count)
        keep(t, text);
    return text;
}
