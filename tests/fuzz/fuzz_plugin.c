/*
 * What plugins bring: a manifest from any text is refused at a line, or reads the same each time;
 * the look for names of `oms` in any source ends, within the text.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include "script/bundle/capabilities.h"
#include "script/bundle/manifest.h"
#include "script/load/names.h"

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static void manifest(struct od_str text, struct od_arena *a)
{
    struct od_plugin first = {.name = OD_STR("shop")}, second = {.name = OD_STR("shop")};
    struct od_err err = {0};

    if (od_manifest_parse(text, a, &first, &err) != 0) {
        MUST(err.code == OD_ERR_CONFIG && err.message[0] && err.origin[0]);
        return;
    }
    MUST(od_manifest_parse(text, a, &second, &err) == 0);
    MUST(first.config_count == second.config_count);
    MUST(od_str_eq(first.capabilities, second.capabilities));
}

static void names(struct od_str text)
{
    struct od_err err = {0};

    if (od_names_check(OD_STR("shop/rules.lua"), text, OD_CAP_MAIL, &err) != 0)
        MUST(err.code == OD_ERR_SCRIPT && err.message[0] && err.origin[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size > 0 ? size : 1); /* without a NUL: reading past it is seen */
    struct od_str text = {copy, size};
    struct od_arena a;

    if (!copy)
        abort();
    memcpy(copy, data, size);
    od_arena_init(&a);
    manifest(text, &a);
    names(text);
    od_arena_fini(&a);
    free(copy);
    return 0;
}
