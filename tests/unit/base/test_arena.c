#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

static void test_allocations_are_aligned_and_apart(void **state)
{
    struct od_arena a;
    unsigned char *ptrs[2000];

    (void)state;
    od_arena_init(&a);
    for (size_t i = 0; i < 2000; i++) {
        size_t size = i * 7 % 400;
        ptrs[i] = od_arena_alloc(&a, size);
        assert_int_equal((uintptr_t)ptrs[i] % 16, 0);
        memset(ptrs[i], (int)(i & 0xFF), size);
    }
    for (size_t i = 0; i < 2000; i++)
        for (size_t k = 0; k < i * 7 % 400; k++)
            assert_int_equal(ptrs[i][k], i & 0xFF);
    od_arena_fini(&a);
}

static void test_zalloc_clears_reused_memory(void **state)
{
    struct od_arena a;

    (void)state;
    od_arena_init(&a);
    for (int round = 0; round < 3; round++) {
        for (size_t size = 1; size < 300000; size *= 3) {
            unsigned char *p = od_arena_zalloc(&a, size);
            for (size_t k = 0; k < size; k++)
                assert_int_equal(p[k], 0);
            memset(p, 0xAA, size);
        }
        od_arena_reset(&a);
        assert_int_equal(a.used, 0);
    }
    od_arena_fini(&a);
    assert_null(a.head);
}

static void test_a_large_allocation_leaves_the_small_block_in_use(void **state)
{
    struct od_arena a;
    char *before, *after;

    (void)state;
    od_arena_init(&a);
    before = od_arena_alloc(&a, 16);
    memset(od_arena_alloc(&a, 1 << 20), 1, 1 << 20);
    after = od_arena_alloc(&a, 16);
    assert_ptr_equal(after, before + 16);
    od_arena_fini(&a);
}

static void test_a_large_first_allocation_is_possible(void **state)
{
    struct od_arena a;

    (void)state;
    od_arena_init(&a);
    memset(od_arena_alloc(&a, 1 << 20), 1, 1 << 20);
    memset(od_arena_alloc(&a, 100), 2, 100);
    od_arena_reset(&a);
    memset(od_arena_alloc(&a, 100), 3, 100);
    od_arena_fini(&a);
    od_arena_fini(&a);
    od_arena_pool_trim();
}

static void test_grow_keeps_elements_and_clears_the_rest(void **state)
{
    struct od_arena a;
    int *list = NULL;
    size_t cap = 0;

    (void)state;
    od_arena_init(&a);
    for (int i = 0; i < 1000; i++) {
        list = od_arena_grow(&a, list, (size_t)i, &cap, sizeof *list);
        assert_int_equal(list[i], 0);
        list[i] = i;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(list[i], i);
    od_arena_fini(&a);
}

static void test_strings_are_copied_with_a_nul(void **state)
{
    struct od_arena a;
    struct od_str s;
    char text[] = "text";

    (void)state;
    od_arena_init(&a);
    s = od_arena_str(&a, od_str_n(text, 2));
    text[0] = 'x';
    assert_string_equal(s.ptr, "te");
    assert_null(od_arena_str(&a, OD_STR_NONE).ptr);
    assert_string_equal(od_arena_str(&a, OD_STR("")).ptr, "");
    assert_string_equal(od_arena_printf(&a, "%d-%s", 7, "x").ptr, "7-x");
    s = od_arena_printf(&a, "%0900d", 5);
    assert_int_equal(s.len, 900);
    assert_int_equal(s.ptr[899], '5');
    od_arena_fini(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allocations_are_aligned_and_apart),
        cmocka_unit_test(test_zalloc_clears_reused_memory),
        cmocka_unit_test(test_a_large_allocation_leaves_the_small_block_in_use),
        cmocka_unit_test(test_a_large_first_allocation_is_possible),
        cmocka_unit_test(test_grow_keeps_elements_and_clears_the_rest),
        cmocka_unit_test(test_strings_are_copied_with_a_nul),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
