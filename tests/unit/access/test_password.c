#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "access/password.h"
#include "loop/loop.h"

/* Passwords are hashed so that a hash tells nothing, and never by more threads than may be. */

static const struct od_password_cost cheap = {.memory_kib = 64, .passes = 1};

static void hash(const char *password, char out[OD_PASSWORD_HASH_MAX])
{
    struct od_err err;
    assert_int_equal(od_password_hash(&cheap, od_str_of(password), out, &err), 0);
}

static void a_hash_is_salted_names_its_cost_and_fits_its_password_alone(void **state)
{
    char one[OD_PASSWORD_HASH_MAX], two[OD_PASSWORD_HASH_MAX];
    (void)state;
    hash("correct horse battery", one);
    hash("correct horse battery", two);
    assert_string_not_equal(one, two);
    assert_memory_equal(one, "$argon2id$v=19$m=64,t=1,p=1$", 28);
    assert_true(od_password_right(od_str_of(one), OD_STR("correct horse battery")));
    assert_false(od_password_right(od_str_of(one), OD_STR("correct horse batterz")));
    assert_false(od_password_right(od_str_of(one), OD_STR("")));
    assert_false(od_password_right(OD_STR_NONE, OD_STR("correct horse battery")));
    assert_false(od_password_right(OD_STR("$argon2id$nonsense"), OD_STR("correct horse battery")));
}

/* The reference implementation's own test vector (phc-winner-argon2, src/test.c). */
static void a_hash_of_the_reference_implementation_is_known(void **state)
{
    (void)state;
    assert_true(od_password_right(
        OD_STR(
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"),
        OD_STR("password")));
}

static void a_hash_of_another_cost_is_outdated(void **state)
{
    const struct od_password_cost dearer = {.memory_kib = 128, .passes = 1};
    char one[OD_PASSWORD_HASH_MAX];
    (void)state;
    hash("correct horse battery", one);
    assert_false(od_password_outdated(od_str_of(one), &cheap));
    assert_true(od_password_outdated(od_str_of(one), &dearer));
}

static void short_long_and_monotonous_passwords_are_weak(void **state)
{
    static char longest[OD_PASSWORD_MAX + 1];
    (void)state;
    memset(longest, 'x', sizeof longest);
    longest[0] = 'y';
    assert_non_null(od_password_weak(OD_STR("nine char")));
    assert_non_null(od_password_weak(OD_STR("aaaaaaaaaaaaaaa")));
    assert_non_null(od_password_weak(od_str_n(longest, sizeof longest)));
    assert_null(od_password_weak(od_str_n(longest, sizeof longest - 1)));
    assert_null(od_password_weak(OD_STR("ten charac")));
    /* characters, not bytes */
    assert_non_null(od_password_weak(OD_STR("\xc3\xa4\xc3\xb6\xc3\xa4\xc3\xb6\xc3\xbc")));
}

/* ---- on the thread pool */

struct fixture {
    struct od_loop loop;
    struct od_passwords *passwords;
    char hash[OD_PASSWORD_HASH_MAX];
    int answered, right, failed, better;
    char order[16]; /* letters of those who were answered */
    bool closed;
};

struct caller {
    struct fixture *f;
    char letter;
};

static void on_answer(void *ctx, const struct od_password_answer *a)
{
    struct caller *c = ctx;
    struct fixture *f = c->f;
    f->order[f->answered++] = c->letter;
    f->right += a->right;
    f->failed += a->failed;
    f->better += a->hash.ptr != NULL;
}

static void on_closed(void *ctx)
{
    ((struct fixture *)ctx)->closed = true;
}

static void begin(struct fixture *f, uint32_t queue, uint32_t memory_kib)
{
    const struct od_passwords_conf conf = {{memory_kib, 1}, queue};
    *f = (struct fixture){0};
    od_loop_init(&f->loop);
    hash("correct horse battery", f->hash);
    f->passwords = od_passwords_new(&f->loop, &conf);
}

static void finish(struct fixture *f)
{
    od_passwords_free(f->passwords, on_closed, f);
    while (!f->closed)
        od_loop_run_once(&f->loop);
    od_loop_fini(&f->loop);
}

static bool check(struct fixture *f, struct caller *c, const char *password, bool known)
{
    return od_passwords_check(f->passwords, od_str_of(f->hash), od_str_of(password), known,
                              on_answer, c);
}

static void answers_come_later_and_tell_right_from_wrong(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 16, 64);
    struct caller c = {&f, 'x'};
    assert_true(check(&f, &c, "correct horse battery", true));
    assert_true(check(&f, &c, "wrong horse battery", true));
    assert_true(od_passwords_check(f.passwords, OD_STR_NONE, OD_STR("whatever it is"), true,
                                   on_answer, &c));
    assert_int_equal(f.answered, 0);
    while (f.answered < 3)
        od_loop_run_once(&f.loop);
    assert_int_equal(f.right, 1);
    assert_int_equal(f.better, 0);
    finish(&f);
}

static void a_right_password_of_an_old_hash_gives_a_better_one(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 16, 128);
    struct caller c = {&f, 'x'};
    assert_true(check(&f, &c, "correct horse battery", true));
    assert_true(check(&f, &c, "wrong horse battery", true));
    while (f.answered < 2)
        od_loop_run_once(&f.loop);
    assert_int_equal(f.better, 1);
    finish(&f);
}

static void strangers_fill_half_of_the_queue_and_wait_behind_those_who_are_known(void **state)
{
    struct fixture f;
    int taken = 0, begun = 0;
    (void)state;
    begin(&f, 4, 64);
    struct caller stranger = {&f, 's'}, known = {&f, 'k'};
    while (taken < 8 && check(&f, &stranger, "wrong horse battery", false))
        taken++;
    assert_in_range(taken, 3, 4); /* one or two are computed, two wait */
    begun = taken - 2;
    assert_true(check(&f, &known, "correct horse battery", true));
    assert_true(check(&f, &known, "correct horse battery", true));
    assert_false(check(&f, &known, "correct horse battery", true));
    while (f.answered < taken + 2)
        od_loop_run_once(&f.loop);
    assert_int_equal(f.right, 2);
    /* Two may be computed at once, so neighbours may come in either order. */
    assert_int_equal(f.order[taken + 1], 's');
    assert_true(memchr(f.order, 'k', (size_t)begun + 2) != NULL);
    finish(&f);
}

static void who_waits_at_the_end_is_answered_as_failed(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f, 8, 64);
    struct caller c = {&f, 'x'};
    for (int i = 0; i < 6; i++)
        assert_true(check(&f, &c, "wrong horse battery", true));
    finish(&f);
    assert_int_equal(f.answered, 6);
    assert_in_range(f.failed, 4, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hash_is_salted_names_its_cost_and_fits_its_password_alone),
        cmocka_unit_test(a_hash_of_the_reference_implementation_is_known),
        cmocka_unit_test(a_hash_of_another_cost_is_outdated),
        cmocka_unit_test(short_long_and_monotonous_passwords_are_weak),
        cmocka_unit_test(answers_come_later_and_tell_right_from_wrong),
        cmocka_unit_test(a_right_password_of_an_old_hash_gives_a_better_one),
        cmocka_unit_test(strangers_fill_half_of_the_queue_and_wait_behind_those_who_are_known),
        cmocka_unit_test(who_waits_at_the_end_is_answered_as_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
