/*
 * A template from any text: it is refused at a line that it has, or becomes Lua with the same
 * lines, so that whatever fails later names the right one.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "script/template/lua.h"

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static int lines(struct od_str text)
{
    int n = 1;

    for (size_t i = 0; i < text.len; i++)
        n += text.ptr[i] == '\n';
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct od_str text = od_str_n((const char *)data, size), lua;
    struct od_err err = {0};
    struct od_arena a;
    int line;

    od_arena_init(&a);
    if (od_template_translate(text, false, &a, &lua, &line, &err) != 0)
        MUST(err.message[0] && line >= 1 && line <= lines(text));
    else
        MUST(lines(lua) == lines(text));
    od_arena_fini(&a);
    return 0;
}
