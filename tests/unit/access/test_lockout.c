#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "access/lockout.h"

#define SECOND_US INT64_C(1000000)

/* Who guesses waits longer and longer; who is known here waits for nobody else's guesses. */

static uint8_t home[16] = {1}, elsewhere[16] = {2};

/* So many attempts begin before one has to wait; *wait_s becomes how long. */
static int attempts(struct od_lockout *l, const struct od_lockout_who *who, int64_t now_us,
                    unsigned *wait_s)
{
    int n = 0;
    while (n < 1000 && (*wait_s = od_lockout_try(l, who, now_us)) == 0)
        n++;
    return n;
}

static void waits_double_up_to_a_quarter_of_an_hour(void **state)
{
    struct od_lockout *l = od_lockout_new();
    const struct od_lockout_who who = {OD_STR("ann@shop.example"), home, OD_STR_NONE};
    int64_t now_us = SECOND_US;
    unsigned wait_s;
    (void)state;
    int n = attempts(l, &who, now_us, &wait_s);
    assert_in_range(n, 3, 10);
    for (unsigned s = 1; s < OD_LOCKOUT_MAX_S; s *= 2) {
        assert_int_equal(wait_s, s);
        now_us += s * SECOND_US;
        assert_int_equal(attempts(l, &who, now_us, &wait_s), 1);
    }
    assert_int_equal(wait_s, OD_LOCKOUT_MAX_S);
    now_us += wait_s * SECOND_US;
    assert_int_equal(attempts(l, &who, now_us, &wait_s), 1);
    assert_int_equal(wait_s, OD_LOCKOUT_MAX_S);
    od_lockout_free(l);
}

static void a_thousand_at_once_are_counted_before_any_is_answered(void **state)
{
    struct od_lockout *l = od_lockout_new();
    const struct od_lockout_who who = {OD_STR("ann@shop.example"), home, OD_STR_NONE};
    const struct od_lockout_who other_case = {OD_STR("ANN@Shop.Example"), home, OD_STR_NONE};
    unsigned wait_s;
    (void)state;
    assert_in_range(attempts(l, &who, SECOND_US, &wait_s), 3, 10);
    assert_int_equal(attempts(l, &other_case, SECOND_US, &wait_s), 0);
    od_lockout_free(l);
}

static void a_right_password_begins_anew_and_an_hour_is_forgiven(void **state)
{
    struct od_lockout *l = od_lockout_new();
    const struct od_lockout_who who = {OD_STR("ann@shop.example"), home, OD_STR_NONE};
    unsigned wait_s;
    (void)state;
    int n = attempts(l, &who, SECOND_US, &wait_s);
    assert_int_equal(od_lockout_try(l, &who, 2 * SECOND_US), 0);
    od_lockout_right(l, &who);
    assert_int_equal(attempts(l, &who, 2 * SECOND_US, &wait_s), n);
    assert_int_equal(attempts(l, &who, (OD_LOCKOUT_FORGET_S + 10) * SECOND_US, &wait_s), n);
    od_lockout_free(l);
}

static void attempts_that_were_not_made_do_not_count(void **state)
{
    struct od_lockout *l = od_lockout_new();
    const struct od_lockout_who who = {OD_STR("ann@shop.example"), home, OD_STR_NONE};
    (void)state;
    for (int i = 0; i < 500; i++) {
        assert_int_equal(od_lockout_try(l, &who, SECOND_US), 0);
        od_lockout_undo(l, &who);
    }
    od_lockout_free(l);
}

static void many_users_of_one_address_are_one_who_guesses(void **state)
{
    struct od_lockout *l = od_lockout_new();
    int n = 0;
    char user[32];
    (void)state;
    for (; n < 1000; n++) {
        snprintf(user, sizeof user, "user%d@shop.example", n);
        const struct od_lockout_who who = {od_str_of(user), home, OD_STR_NONE};
        if (od_lockout_try(l, &who, SECOND_US))
            break;
    }
    assert_in_range(n, 20, 60);
    const struct od_lockout_who other = {OD_STR("bob@shop.example"), elsewhere, OD_STR_NONE};
    assert_int_equal(od_lockout_try(l, &other, SECOND_US), 0);
    od_lockout_free(l);
}

static void a_browser_that_is_known_is_never_locked_out_by_others(void **state)
{
    struct od_lockout *l = od_lockout_new();
    const struct od_lockout_who known = {OD_STR("ann@shop.example"), home, OD_STR("device-1")};
    const struct od_lockout_who stranger = {OD_STR("ann@shop.example"), home, OD_STR_NONE};
    unsigned wait_s;
    int refused = 0;
    (void)state;
    /* from many addresses, and from her own */
    for (int i = 0; i < 200; i++) {
        uint8_t peer[16] = {9, (uint8_t)i};
        const struct od_lockout_who who = {OD_STR("ann@shop.example"), peer, OD_STR_NONE};
        refused += od_lockout_try(l, &who, SECOND_US) > 0;
    }
    assert_true(refused > 100);
    attempts(l, &stranger, SECOND_US, &wait_s);
    assert_true(wait_s > 0);
    /* She may still mistype as often as ever; but her browser may not guess for ever either. */
    assert_in_range(attempts(l, &known, SECOND_US, &wait_s), 3, 10);
    od_lockout_free(l);
}

static void a_flood_of_names_does_not_make_it_forget_who_guesses_most(void **state)
{
    struct od_lockout *l = od_lockout_new();
    const struct od_lockout_who who = {OD_STR("ann@shop.example"), home, OD_STR_NONE};
    unsigned wait_s = 0;
    char user[32];
    int64_t now_us = SECOND_US;
    (void)state;
    for (int i = 0; i < 15; i++) {
        attempts(l, &who, now_us, &wait_s);
        now_us += wait_s * SECOND_US;
    }
    assert_int_equal(od_lockout_try(l, &who, now_us), 0);
    for (int i = 0; i < 100000; i++) {
        uint8_t peer[16] = {7, (uint8_t)i, (uint8_t)(i >> 8), (uint8_t)(i >> 16)};
        snprintf(user, sizeof user, "user%d@shop.example", i);
        const struct od_lockout_who other = {od_str_of(user), peer, OD_STR_NONE};
        od_lockout_try(l, &other, now_us);
    }
    assert_true(od_lockout_try(l, &who, now_us) > 0);
    od_lockout_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_double_up_to_a_quarter_of_an_hour),
        cmocka_unit_test(a_thousand_at_once_are_counted_before_any_is_answered),
        cmocka_unit_test(a_right_password_begins_anew_and_an_hour_is_forgiven),
        cmocka_unit_test(attempts_that_were_not_made_do_not_count),
        cmocka_unit_test(many_users_of_one_address_are_one_who_guesses),
        cmocka_unit_test(a_browser_that_is_known_is_never_locked_out_by_others),
        cmocka_unit_test(a_flood_of_names_does_not_make_it_forget_who_guesses_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
