/*
 * od_gql_parse on any bytes: it answers with a tree or with one fault whose place lies in the
 * document, and a tree that is printed parses to a tree that prints the same. What parses is also
 * validated, and the same document has the same number of faults when it is printed.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "read/graphql/parser.h"
#include "read/graphql/print.h"
#include "read/graphql/types.h"
#include "read/graphql/validate.h"

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t count_faults(struct od_gql_document *document, struct od_arena *a)
{
    static struct od_gql_schema *schema;
    struct od_gql_faults faults;
    struct od_err err;

    if (!schema)
        schema = od_gql_orders_schema(&err);
    MUST(schema);
    od_gql_faults_init(&faults, a, 10);
    od_gql_validate(schema, document, a, &faults);
    for (const struct od_gql_fault *f = faults.first; f; f = f->next)
        MUST(od_utf8_valid(f->message) && f->places[0] <= document->source.len);
    return faults.count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Printed text may have more tokens and bytes than the first, but never more depth. */
    const struct od_gql_limits limits = {64 << 10, 4000, 40};
    const struct od_gql_limits wide = {1 << 20, UINT32_MAX, 40};
    struct od_str text = od_str_n((const char *)data, size);
    struct od_gql_document *document, *again;
    struct od_gql_faults faults;
    struct od_arena arena;
    struct od_buf printed, twice;

    od_arena_init(&arena);
    od_buf_init(&printed, 1 << 20);
    od_buf_init(&twice, 1 << 20);
    od_gql_faults_init(&faults, &arena, 10);
    if (od_gql_parse(&arena, text, &limits, &document, &faults)) {
        MUST(faults.count == 1 && faults.first->message.len > 0);
        MUST(od_utf8_valid(faults.first->message));
        MUST(faults.first->places[0] <= size);
    } else {
        MUST(faults.count == 0);
        od_gql_print_document(&printed, document);
        MUST(!printed.overflow);
        MUST(od_gql_parse(&arena, od_buf_view(&printed), &wide, &again, &faults) == 0);
        od_gql_print_document(&twice, again);
        MUST(od_str_eq(od_buf_view(&printed), od_buf_view(&twice)));
        MUST(count_faults(document, &arena) == count_faults(again, &arena));
    }
    od_buf_fini(&printed);
    od_buf_fini(&twice);
    od_arena_fini(&arena);
    return 0;
}
