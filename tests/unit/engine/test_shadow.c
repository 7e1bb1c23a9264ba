#include "../order/check.h"

#include "base/clock.h"
#include "engine/shadow.h"

/* One shop decides, and beside it a shadow whose policies are those of `other`. */

static struct shop other;

static struct od_rules *make_rules(void)
{
    struct od_rules *r = calloc(1, sizeof *r);
    assert_non_null(r);
    memset(&other, 0, sizeof other);
    r->refs = 1;
    r->policies = (struct od_policies){.ctx = &other, .bundle_id = 8, .ask = shop_ask};
    r->statuses = statuses;
    r->track = OD_STOCK_ALL;
    snprintf(r->hash, sizeof r->hash, "%s", "cafe");
    od_arena_init(&r->arena);
    return r;
}

static struct od_shadow *open_shadow(uint32_t share, uint32_t samples)
{
    struct od_rules *r = make_rules();
    struct od_shadow_conf conf = {.share = share, .samples = samples};
    struct od_shadow *s = od_shadow_new(r, &conf);
    od_rules_unref(r);
    return s;
}

static enum od_verdict shadowed(struct shop *sh, struct od_shadow *s, enum od_command_type type,
                                const char *body)
{
    struct od_command *c = shop_command(sh, type, body);
    sh->d.events = NULL;
    sh->d.event_count = 0;
    sh->d.event_cap = 0;
    od_shadow_begin(s, &sh->d, c);
    enum od_verdict verdict = shop_run(sh, c);
    od_shadow_end(s, &sh->d);
    return verdict;
}

static struct od_shadow_stats stats_of(const struct od_shadow *s)
{
    struct od_shadow_stats stats;
    od_shadow_stats(s, &stats);
    return stats;
}

static void the_same_rules_decide_the_same_and_nothing_twice(void **state)
{
    struct shop *sh = *state;
    struct od_shadow *s = open_shadow(100, 4);
    assert_done(shadowed(sh, s, OD_COMMAND_PLACE, BODY));
    assert_done(shadowed(sh, s, OD_COMMAND_PAYMENT, "{'type':'capture','amount':'25.50'}"));
    assert_done(shadowed(sh, s, OD_COMMAND_CREATE_SHIPMENT, "{}"));
    assert_int_equal(shadowed(sh, s, OD_COMMAND_CANCEL, "{}"), OD_VERDICT_POLICY);
    struct od_shadow_stats stats = stats_of(s);
    assert_string_equal(stats.hash, "cafe");
    assert_int_equal(stats.decided, 4);
    assert_int_equal(stats.different, 0);
    assert_int_equal(stats.failed, 0);
    assert_int_equal(other.asked[OD_ASK_ORDER_CANCEL], 1);
    assert_int_equal(sh->skus[0].on_hand, 8);
    assert_int_equal(sh->skus[0].reserved, 0);
    od_shadow_free(s);
}

static void another_status_is_a_difference(void **state)
{
    struct shop *sh = *state;
    const struct od_shadow_difference *d;
    struct od_shadow *s = open_shadow(100, 4);
    other.value[OD_ASK_ORDER_STATUS] = "on_hold";
    assert_done(shadowed(sh, s, OD_COMMAND_PLACE, BODY));
    assert_str(sh->order.status, "pending");
    assert_int_equal(stats_of(s).different, 1);
    assert_int_equal(od_shadow_differences(s, &d, 1), 1);
    assert_int_equal(d->order_id, 42);
    assert_int_equal(d->at, NOW);
    assert_string_equal(d->command, "place");
    assert_non_null(strstr(d->live, "allowed, pending"));
    assert_non_null(strstr(d->candidate, "allowed, on_hold"));
    od_shadow_free(s);
}

static void a_refusal_of_the_shadow_is_a_difference_and_stops_nobody(void **state)
{
    struct shop *sh = *state;
    const struct od_shadow_difference *d;
    struct od_shadow *s = open_shadow(100, 4);
    shop_place(sh);
    other.refuse[OD_ASK_ORDER_CANCEL] = "Not on Sundays";
    assert_done(shadowed(sh, s, OD_COMMAND_CANCEL, "{}"));
    assert_str(sh->order.status, "canceled");
    assert_int_equal(od_shadow_differences(s, &d, 1), 1);
    assert_string_equal(d->command, "cancel");
    assert_string_equal(d->candidate, "refused no: Not on Sundays");
    assert_string_equal(d->policy, "order.cancel@test");
    assert_int_equal(stats_of(s).failed, 0);
    od_shadow_free(s);
}

static void a_failure_of_the_shadow_is_counted_and_told(void **state)
{
    struct shop *sh = *state;
    const struct od_shadow_difference *d;
    struct od_shadow *s = open_shadow(100, 4);
    other.fail[OD_ASK_SHIPMENT_STATUS] = "budget exceeded";
    assert_done(shadowed(sh, s, OD_COMMAND_PLACE, BODY));
    assert_int_equal(stats_of(s).failed, 1);
    assert_int_equal(od_shadow_differences(s, &d, 1), 1);
    assert_non_null(strstr(d->candidate, "rules.lua:7: budget exceeded"));
    od_shadow_free(s);
}

static void numbers_that_only_count_differently_are_the_same(void **state)
{
    struct shop *sh = *state;
    struct od_shadow *s = open_shadow(100, 4);
    other.value[OD_ASK_ORDER_NUMBER] = "T-2023-7";
    assert_done(shadowed(sh, s, OD_COMMAND_PLACE, BODY));
    assert_int_equal(stats_of(s).different, 0);
    od_shadow_free(s);
}

static void another_form_of_the_number_is_a_difference(void **state)
{
    struct shop *sh = *state;
    const struct od_shadow_difference *d;
    struct od_shadow *s = open_shadow(100, 4);
    other.value[OD_ASK_ORDER_NUMBER] = "Z-1";
    assert_done(shadowed(sh, s, OD_COMMAND_PLACE, BODY));
    assert_int_equal(od_shadow_differences(s, &d, 1), 1);
    assert_string_equal(d->live, "allowed, pending, number T-2023-1");
    assert_string_equal(d->candidate, "allowed, pending, number Z-1");
    od_shadow_free(s);
}

static void the_last_differences_are_kept_the_latest_first(void **state)
{
    struct shop *sh = *state;
    const struct od_shadow_difference *d[8];
    struct od_shadow *s = open_shadow(100, 2);
    shop_place(sh);
    other.value[OD_ASK_ORDER_STATUS] = "completed";
    assert_done(shadowed(sh, s, OD_COMMAND_HOLD, "{'handle':'fraud'}"));
    assert_done(shadowed(sh, s, OD_COMMAND_RELEASE, "{'handle':'fraud'}"));
    assert_done(shadowed(sh, s, OD_COMMAND_CANCEL, "{}"));
    assert_int_equal(stats_of(s).different, 3);
    assert_int_equal(od_shadow_differences(s, d, 8), 2);
    assert_string_equal(d[0]->command, "cancel");
    assert_string_equal(d[1]->command, "release");
    od_shadow_free(s);
}

/* A thirtieth of a second of CPU in one answer, where the share has saved up a hundredth. */
static int slow_ask(void *ctx, enum od_question q, const struct od_order *o,
                    const struct od_policy_request *request, struct od_arena *a,
                    struct od_policy_answer *out, struct od_err *err)
{
    for (int64_t began = od_clock_thread_us(); od_clock_thread_us() - began < 33000;)
        ;
    return shop_ask(ctx, q, o, request, a, out, err);
}

static void a_shadow_that_used_up_its_share_is_left_out(void **state)
{
    struct shop *sh = *state;
    struct od_rules *r = make_rules();
    struct od_shadow_conf conf = {.share = 1, .samples = 4};
    r->policies.ask = slow_ask;
    struct od_shadow *s = od_shadow_new(r, &conf);
    od_rules_unref(r);
    shop_place(sh);
    other.value[OD_ASK_ORDER_STATUS] = "completed";
    assert_done(shadowed(sh, s, OD_COMMAND_HOLD, "{'handle':'fraud'}"));
    assert_done(shadowed(sh, s, OD_COMMAND_RELEASE, "{'handle':'fraud'}"));
    struct od_shadow_stats stats = stats_of(s);
    assert_int_equal(stats.decided, 1);
    assert_int_equal(stats.skipped, 1);
    assert_int_equal(stats.different, 1);
    assert_true(stats.us >= 33000);
    od_shadow_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_same_rules_decide_the_same_and_nothing_twice),
        TEST(another_status_is_a_difference),
        TEST(a_refusal_of_the_shadow_is_a_difference_and_stops_nobody),
        TEST(a_failure_of_the_shadow_is_counted_and_told),
        TEST(numbers_that_only_count_differently_are_the_same),
        TEST(another_form_of_the_number_is_a_difference),
        TEST(the_last_differences_are_kept_the_latest_first),
        TEST(a_shadow_that_used_up_its_share_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
