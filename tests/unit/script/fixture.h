#ifndef OD_TEST_SCRIPT_FIXTURE_H
#define OD_TEST_SCRIPT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "script/bundle/bundle.h"
#include "script/bundle/plugin.h"
#include "script/call/policies.h"
#include "script/load/load.h"

/*
 * Bundles from sources written in the test: the five default questions are answered by a plugin
 * "default" of one line each, a test adds its own plugins, and an order with two items is asked
 * about.
 */

#define NOW INT64_C(1700000000000000)

/* Budgets of work end a call here, and the clock does not: sanitizers make each instruction slow.
 */
#define NO_CLOCK (INT64_C(600) * 1000000)

#define STATUS(c, n, p, ...)                                                                       \
    {                                                                                              \
        .code = OD_STR_INIT(c), .name = OD_STR_INIT(n), .phase = OD_STR_INIT(p), .any_next = true, \
        __VA_ARGS__                                                                                \
    }

static struct od_status order_statuses[] = {
    STATUS("pending", "Pending", "", .is_default = true, .cancelable = true),
    STATUS("processing", "Processing", "", .cancelable = true),
    STATUS("canceled", "Canceled", "canceled", .cancelable = false),
};
static struct od_status payment_statuses[] = {
    STATUS("pending", "Pending", "", .is_default = true, .cancelable = true),
    STATUS("authorized", "Authorized", "authorized", .cancelable = true),
    STATUS("partially_paid", "Partially paid", "partially_paid", .cancelable = false),
    STATUS("paid", "Paid", "paid", .cancelable = false),
    STATUS("failed", "Failed", "failed", .cancelable = true),
    STATUS("canceled", "Canceled", "canceled", .cancelable = true),
};
static struct od_status shipment_statuses[] = {
    STATUS("pending", "Pending", "", .is_default = true, .cancelable = true),
    STATUS("partially_shipped", "Partially shipped", "partially_shipped", .cancelable = false),
    STATUS("shipped", "Shipped", "shipped", .cancelable = false),
    STATUS("partially_delivered", "Partially delivered", "partially_delivered",
           .cancelable = false),
    STATUS("delivered", "Delivered", "delivered", .cancelable = false),
    STATUS("canceled", "Canceled", "canceled", .cancelable = true),
};
#define SET(array)                                                                                 \
    {                                                                                              \
        array, sizeof array / sizeof array[0]                                                      \
    }
static const struct od_status_sets sets = {
    .of = {SET(order_statuses), SET(payment_statuses), SET(shipment_statuses)}};

static const char default_rules[] =
    "oms.policy('order.status', function() return 'pending' end)\n"
    "oms.policy('order.cancel', function() return oms.allow() end)\n"
    "oms.policy('order.number', function(seq) return 'N' .. seq.value end)\n"
    "oms.policy('payment.status', function() return 'pending' end)\n"
    "oms.policy('shipment.status', function() return 'pending' end)\n";

struct host {
    struct od_arena arena;
    struct od_plugin plugins[4];
    struct od_script_file files[4];
    uint32_t plugin_count;
    struct od_plugin_setting grants[4], settings[8];
    struct od_bundle_source source;
    struct od_bundle_limits limits;
    struct od_bundle *bundle;
    struct od_err err;
    struct od_policy_answer answer;
    struct od_item items[2];
    struct od_shipment_item parcel_items[1];
    struct od_shipment shipments[1];
    struct od_payment payments[1];
    struct od_hold holds[2];
    struct od_order order;
};

static inline void add_plugin(struct host *h, const char *name, const char *text)
{
    uint32_t i = h->plugin_count++;

    h->files[i] = (struct od_script_file){OD_STR("rules.lua"), od_str_of(text)};
    h->plugins[i] =
        (struct od_plugin){.name = od_str_of(name), .files = &h->files[i], .file_count = 1};
}

/* Declares capabilities for the plugin added last, and grants them. */
static inline void allow(struct host *h, const char *capabilities)
{
    struct od_plugin *p = &h->plugins[h->plugin_count - 1];

    p->capabilities = od_str_of(capabilities);
    h->grants[h->source.grant_count++] =
        (struct od_plugin_setting){p->name, OD_STR_NONE, p->capabilities, OD_STR("o.ini:9")};
}

static inline void host_init(struct host *h)
{
    od_log_set_level(OD_LOG_ERROR); /* most tests are about scripts that fail, which is logged */
    *h = (struct host){.limits = od_bundle_default_limits};
    h->limits.cpu_us = NO_CLOCK;
    od_arena_init(&h->arena);
    add_plugin(h, "default", default_rules);
    h->items[0] = (struct od_item){.order_item_id = 1, .sku = OD_STR("mug"), .qty = 3};
    h->items[1] = (struct od_item){.order_item_id = 2, .sku = OD_STR("tea"), .qty = 1};
    h->order = (struct od_order){
        .order_id = 7,
        .order_number = OD_STR("ORD-2026-000007"),
        .currency = OD_STR("EUR"),
        .created_at = NOW,
        .grand_total = 5998,
        .status = OD_STR("pending"),
        .payment_status = OD_STR("pending"),
        .shipment_status = OD_STR("pending"),
        .customer_email = OD_STR("ada@example.org"),
        .items = h->items,
        .item_count = 2,
    };
}

static inline int host_load(struct host *h)
{
    h->source.grants = h->grants;
    h->source.settings = h->settings;
    h->source.plugins = h->plugins;
    h->source.plugin_count = h->plugin_count;
    h->source.statuses = &sets;
    od_err_clear(&h->err);
    return od_bundle_load(&h->source, &h->limits, &h->bundle, &h->err);
}

static inline void host_fini(struct host *h)
{
    od_bundle_unref(h->bundle); /* asserts that Lua gave every byte back */
    od_arena_fini(&h->arena);
}

static inline int ask_with(struct host *h, enum od_question q,
                           const struct od_policy_request *request)
{
    struct od_policies policies = od_bundle_policies(h->bundle, 1);

    od_err_clear(&h->err);
    return policies.ask(policies.ctx, q, &h->order, request, &h->arena, &h->answer, &h->err);
}

static inline int ask(struct host *h, enum od_question q)
{
    struct od_policy_request request = {
        .actor = OD_STR("clerk"), .now = NOW, .seq_value = 42, .seq_year = 2026};

    return ask_with(h, q, &request);
}

/* What order.status answers when its body is `body`; NULL and h->err when it fails. */
static inline const char *status_of(struct host *h, const char *body)
{
    char text[8192];
    const char *answer = NULL;

    snprintf(text, sizeof text, "oms.policy('order.status', function(order) %s end)", body);
    od_bundle_unref(h->bundle);
    h->bundle = NULL;
    h->plugin_count = 1;
    add_plugin(h, "shop", text);
    if (host_load(h) == 0 && ask(h, OD_ASK_ORDER_STATUS) == 0)
        answer = h->answer.value.ptr;
    return answer;
}

static inline void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' does not contain '%s'", text, part);
}

#define assert_answers(h, body, expected)                                                          \
    do {                                                                                           \
        const char *answer_ = status_of((h), (body));                                              \
        if (!answer_)                                                                              \
            fail_msg("%s: %s", (h)->err.origin, (h)->err.message);                                 \
        assert_string_equal(answer_, (expected));                                                  \
    } while (0)

#define assert_fails(h, body, part)                                                                \
    do {                                                                                           \
        if (status_of((h), (body)))                                                                \
            fail_msg("answered '%s'", (h)->answer.value.ptr);                                      \
        assert_contains((h)->err.message, (part));                                                 \
    } while (0)

/* A test function `name` that runs with a fresh host. */
#define HOST_TEST(name)                                                                            \
    static void name##_with(struct host *h);                                                       \
    static void name(void **state)                                                                 \
    {                                                                                              \
        struct host h;                                                                             \
        (void)state;                                                                               \
        host_init(&h);                                                                             \
        name##_with(&h);                                                                           \
        host_fini(&h);                                                                             \
    }                                                                                              \
    static void name##_with(struct host *h)

#endif
