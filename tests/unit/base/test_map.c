#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdbool.h>

#include "base/map.h"

#define N 5000

static void test_put_get_replace(void **state)
{
    struct od_map m;
    int one = 1, two = 2;

    (void)state;
    od_map_init(&m);
    assert_null(od_map_get(&m, OD_STR("a")));
    assert_null(od_map_remove(&m, OD_STR("a")));
    od_map_put(&m, OD_STR("a"), &one);
    od_map_put(&m, OD_STR(""), &two);
    assert_ptr_equal(od_map_get(&m, OD_STR("a")), &one);
    assert_ptr_equal(od_map_get(&m, OD_STR("")), &two);
    od_map_put(&m, OD_STR("a"), &two);
    assert_ptr_equal(od_map_get(&m, OD_STR("a")), &two);
    assert_int_equal(m.count, 2);
    od_map_clear(&m);
    assert_int_equal(m.count, 0);
    assert_null(od_map_get(&m, OD_STR("a")));
    od_map_fini(&m);
}

/* Against a plain array, so that the closing of gaps after removals is seen to lose nothing. */
static void test_random_operations_agree_with_an_array(void **state)
{
    static int64_t ids[N];
    static bool present[N];
    struct od_map m;
    size_t count = 0;
    unsigned seed = 42;

    (void)state;
    od_map_init(&m);
    for (int64_t i = 0; i < N; i++)
        ids[i] = i;
    for (int step = 0; step < 20 * N; step++) {
        size_t i = (size_t)rand_r(&seed) % N;
        struct od_str key = od_map_id(&ids[i]);

        assert_ptr_equal(od_map_get(&m, key), present[i] ? &ids[i] : NULL);
        if (present[i])
            assert_ptr_equal(od_map_remove(&m, key), &ids[i]);
        else
            od_map_put(&m, key, &ids[i]);
        present[i] = !present[i];
        count = present[i] ? count + 1 : count - 1;
        assert_int_equal(m.count, count);
    }
    for (struct od_map_slot *s = od_map_first(&m); s; s = od_map_next(&m, s)) {
        assert_true(present[*(int64_t *)s->value]);
        count--;
    }
    assert_int_equal(count, 0);
    od_map_fini(&m);
}

static void test_hash_depends_on_every_byte_and_the_length(void **state)
{
    char text[40] = {0};

    (void)state;
    for (size_t len = 0; len < sizeof text; len++) {
        uint64_t plain = od_hash(text, len);
        assert_true(plain != od_hash(text, len + 1));
        for (size_t i = 0; i < len; i++) {
            text[i] = 1;
            assert_true(od_hash(text, len) != plain);
            text[i] = 0;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_put_get_replace),
        cmocka_unit_test(test_random_operations_agree_with_an_array),
        cmocka_unit_test(test_hash_depends_on_every_byte_and_the_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
