#ifndef OD_TEST_ORDER_PROBLEMS_H
#define OD_TEST_ORDER_PROBLEMS_H

#include "check.h"

#include "order/machine/parse.h"

/* Parses a body with ' for "; the problems, one "pointer: detail" a line. */
static inline const char *problems(struct shop *sh, enum od_command_type type, const char *body,
                                   struct od_command *out)
{
    char *text = (char *)od_arena_str(&sh->arena, od_str_of(body)).ptr;
    for (char *p = text; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    struct od_problem_list list = {.arena = &sh->arena};
    struct od_command unused;
    int rc = od_command_parse(type, shop_json(sh, text), &sh->arena, OD_STR("EUR"),
                              out ? out : &unused, &list);
    struct od_str all = OD_STR("");
    for (size_t i = 0; i < list.count; i++)
        all = od_arena_printf(&sh->arena, "%.*s%s%.*s: %.*s", OD_STR_ARG(all), i ? "\n" : "",
                              OD_STR_ARG(list.items[i].pointer), OD_STR_ARG(list.items[i].detail));
    assert_int_equal(rc, list.count ? -1 : 0);
    return all.len ? all.ptr : "";
}

#define CHECK(type, body, text)                                                                    \
    assert_string_equal(problems(sh, OD_COMMAND_##type, body, NULL), text)

#endif
