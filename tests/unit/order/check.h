#ifndef OD_TEST_ORDER_CHECK_H
#define OD_TEST_ORDER_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

/* cmocka's side of the fixture: each test gets a new shop, and no shop may contradict its ledger.
 */

static inline int setup(void **state)
{
    struct shop *s = malloc(sizeof *s);
    shop_open(s);
    *state = s;
    return 0;
}

static inline int teardown(void **state)
{
    struct shop *s = *state;
    const char *diff = s->ledger_len ? shop_refold_diff(s) : NULL;
    if (diff)
        fprintf(stderr, "ledger and snapshot differ: %s\n", diff);
    shop_close(s);
    free(s);
    return diff ? -1 : 0;
}

#define TEST(f)             cmocka_unit_test_setup_teardown(f, setup, teardown)
#define assert_str(s, text) assert_string_equal(od_arena_str(&sh->arena, s).ptr, text)
#define assert_done(v)                                                                             \
    do {                                                                                           \
        if ((v) != OD_VERDICT_DONE)                                                                \
            fail_msg("%.*s: %.*s", OD_STR_ARG(sh->d.refusal.code),                                 \
                     OD_STR_ARG(sh->d.refusal.detail));                                            \
    } while (0)

/* The command is refused with verdict and code, and leaves everything as it was. */
#define assert_refused(call, v, c)                                                                 \
    do {                                                                                           \
        struct before b_ = shop_before(sh);                                                        \
        assert_int_equal(call, v);                                                                 \
        assert_str(sh->d.refusal.code, c);                                                         \
        assert_true(sh->d.refusal.detail.len > 0);                                                 \
        assert_true(shop_untouched(sh, &b_));                                                      \
    } while (0)

#endif
