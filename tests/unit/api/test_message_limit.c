#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "api/message_limit.h"

/* How many messages one address may send to one source. */

#define SECOND_US INT64_C(1000000)

static const struct od_message_limit_conf conf = {.rate = 10, .forged_cost = 20};

static uint64_t pair(const char *source, uint8_t host)
{
    uint8_t peer[OD_PEER_BYTES] = {0};
    peer[0] = host;
    return od_message_limit_pair(od_str_of(source), peer);
}

/* So many pass before one is refused. */
static int passing(struct od_message_limit *l, uint64_t who, bool forged, int64_t now_us)
{
    int n = 0;
    while (n < 1000 && od_message_limit_take(l, who, now_us) == 0) {
        n++;
        if (forged)
            od_message_limit_forged(l, who, now_us);
    }
    return n;
}

static void a_burst_passes_and_then_the_rate(void **state)
{
    (void)state;
    struct od_message_limit *l = od_message_limit_new(&conf);
    uint64_t who = pair("stripe", 1);
    assert_int_equal(passing(l, who, false, SECOND_US), 100);
    assert_int_equal(od_message_limit_take(l, who, SECOND_US), 1);
    assert_int_equal(passing(l, who, false, 2 * SECOND_US), 10);
    assert_int_equal(passing(l, who, false, 1000 * SECOND_US), 100); /* no more is saved up */
    od_message_limit_free(l);
}

static void forged_messages_count_more_and_the_wait_is_bounded(void **state)
{
    (void)state;
    struct od_message_limit *l = od_message_limit_new(&conf);
    uint64_t who = pair("stripe", 1);
    assert_int_equal(passing(l, who, true, SECOND_US), 5);
    for (int i = 0; i < 1000; i++)
        od_message_limit_forged(l, who, SECOND_US);
    assert_in_range(od_message_limit_take(l, who, SECOND_US), 10, 11);
    assert_int_equal(passing(l, who, false, 12 * SECOND_US), 10);
    od_message_limit_free(l);
}

static void neither_another_source_nor_another_address_pays(void **state)
{
    (void)state;
    struct od_message_limit *l = od_message_limit_new(&conf);
    assert_int_equal(passing(l, pair("stripe", 1), true, SECOND_US), 5);
    assert_int_equal(passing(l, pair("adyen", 1), false, SECOND_US), 100);
    assert_int_equal(passing(l, pair("stripe", 2), false, SECOND_US), 100);
    od_message_limit_free(l);
}

static void who_guesses_is_not_forgotten_for_many_who_came_once(void **state)
{
    (void)state;
    struct od_message_limit *l = od_message_limit_new(&conf);
    uint64_t who = pair("stripe", 1);
    char source[32];
    assert_int_equal(passing(l, who, true, SECOND_US), 5);
    for (int i = 0; i < 100000; i++) {
        snprintf(source, sizeof source, "s%d", i);
        assert_int_equal(od_message_limit_take(l, pair(source, 1), SECOND_US), 0);
    }
    assert_true(od_message_limit_take(l, who, SECOND_US) > 0);
    od_message_limit_free(l);
}

static void no_rate_is_no_limit(void **state)
{
    (void)state;
    const struct od_message_limit_conf none = {.rate = 0, .forged_cost = 20};
    struct od_message_limit *l = od_message_limit_new(&none);
    assert_int_equal(passing(l, pair("stripe", 1), true, SECOND_US), 1000);
    od_message_limit_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_passes_and_then_the_rate),
        cmocka_unit_test(forged_messages_count_more_and_the_wait_is_bounded),
        cmocka_unit_test(neither_another_source_nor_another_address_pays),
        cmocka_unit_test(who_guesses_is_not_forgotten_for_many_who_came_once),
        cmocka_unit_test(no_rate_is_no_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
