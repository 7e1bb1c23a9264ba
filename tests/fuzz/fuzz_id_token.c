/*
 * od_id_token_read on any token and any set of keys, which a line feed parts: it ends, and no token
 * is good, for nobody who makes one up has the key.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access/id_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct od_str rest = od_str_n((const char *)data, size), token;
    const struct od_id_token_expected expected = {
        .issuer = OD_STR("https://id.example"),
        .client_id = OD_STR("orderd"),
        .nonce = OD_STR("n1"),
        .groups_claim = OD_STR("groups"),
        .now_us = INT64_C(1800000000000000),
    };
    struct od_arena arena;
    struct od_id_token out;
    struct od_err err;
    if (size == 0 || !od_str_cut(&rest, '\n', &token) || !rest.ptr)
        return 0;
    od_arena_init(&arena);
    if (od_id_token_read(token, rest, &expected, &arena, &out, &err) == OD_ID_TOKEN_GOOD) {
        fprintf(stderr, "a token that was made up is taken\n");
        abort();
    }
    od_arena_fini(&arena);
    return 0;
}
