/*
 * A plugin of any source text: it is refused at a line, or loads; then it is asked every question,
 * and its hooks, commands, routes, jobs and tests run, each within small budgets and under a host
 * that answers at once. Whatever it does, everything ends, and Lua gives every byte back.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "order/ledger/event.h"
#include "script/call/hooks.h"
#include "script/call/policies.h"
#include "script/load/load.h"
#include "script/task/task.h"
#include "script/testing/run.h"

#define NOW         INT64_C(1767268800000000) /* 2026-01-01T12:00:00Z */
#define ANSWERS_MAX 20

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#define STATUS(c, ...)                                                                             \
    {                                                                                              \
        .code = OD_STR_INIT(c), .name = OD_STR_INIT(c), .phase = OD_STR_INIT(c), .any_next = true, \
        __VA_ARGS__                                                                                \
    }
static struct od_status statuses[] = {STATUS("pending", .is_default = true, .cancelable = true),
                                      STATUS("paid"), STATUS("shipped"), STATUS("canceled")};
static const struct od_status_sets sets = {.of = {{statuses, 4}, {statuses, 4}, {statuses, 4}}};

static const char default_rules[] =
    "oms.policy('order.status', function() return 'pending' end)\n"
    "oms.policy('order.cancel', function() return oms.allow() end)\n"
    "oms.policy('order.number', function(seq) return 'N' .. seq.value end)\n"
    "oms.policy('payment.status', function() return 'pending' end)\n"
    "oms.policy('shipment.status', function() return 'pending' end)\n";

static const struct od_bundle_limits limits = {
    .load_instructions = 100000,
    .policy_instructions = 20000,
    .hook_instructions = 20000,
    .task_instructions = 50000,
    .pattern_steps = 20000,
    .cpu_us = 250000,
    .memory = 1 << 20,
};

static struct od_item items[2] = {
    {.order_item_id = 1, .sku = OD_STR_INIT("mug"), .qty = 3, .price = 1000},
    {.order_item_id = 2, .sku = OD_STR_INIT("tea"), .qty = 1, .price = 500}};
static struct od_shipment_item parcel[1] = {{1, 1, 2}};
static struct od_shipment shipments[1] = {
    {.shipment_id = 1, .tracking_number = OD_STR_INIT("T1"), .items = parcel, .item_count = 1}};
static struct od_payment payments[1] = {
    {.payment_id = 1, .type = OD_STR_INIT("capture"), .amount = 3500}};
static struct od_hold holds[1] = {{.handle = OD_STR_INIT("fraud"), .reason = OD_STR_INIT("Odd")}};

static struct od_order make_order(void)
{
    return (struct od_order){
        .order_id = 7,
        .order_number = OD_STR("ORD-7"),
        .currency = OD_STR("EUR"),
        .created_at = NOW,
        .grand_total = 3500,
        .status = OD_STR("pending"),
        .payment_status = OD_STR("paid"),
        .shipment_status = OD_STR("pending"),
        .customer_email = OD_STR("ada@example.org"),
        .tags = OD_STR("[\"vip\"]"),
        .metadata = OD_STR("{\"a\":{\"b\":[1,2.5,true]}}"),
        .items = items,
        .item_count = 2,
        .shipments = shipments,
        .shipment_count = 1,
        .payments = payments,
        .payment_count = 1,
        .holds = holds,
        .hold_count = 1,
    };
}

static void ask_all(struct od_bundle *b, struct od_arena *a)
{
    struct od_policies policies = od_bundle_policies(b, 1);
    struct od_order values = make_order(), o = values;
    struct od_patch patch = {.values = &values, .fields = 3};
    struct od_policy_request request = {.actor = OD_STR("clerk"),
                                        .now = NOW,
                                        .seq_value = 42,
                                        .seq_year = 2026,
                                        .shipment = shipments,
                                        .patch = &patch};

    for (int q = 0; q < OD_QUESTIONS; q++) {
        struct od_policy_answer answer;
        struct od_err err = {0};

        if (policies.ask(policies.ctx, (enum od_question)q, &o, &request, a, &answer, &err) != 0)
            MUST(err.code == OD_ERR_SCRIPT && err.message[0] && err.origin[0]);
    }
}

static void run_hooks(struct od_bundle *b, struct od_arena *a)
{
    struct od_order o = make_order();
    uint32_t count, n;
    const struct od_offer *hooks = od_bundle_offers(b, OD_OFFER_HOOK, &count);

    for (uint32_t i = 0; i < count; i++) {
        struct od_event e = {
            .type = OD_EVENT_SHIPMENT_CREATED, .seq = 1, .recorded_at = NOW, .shipment = shipments};
        struct od_intent *intents;
        struct od_err err = {0};

        od_event_type_parse(hooks[i].name, &e.type);
        if (od_bundle_run_hooks(b, hooks[i].name, &e, &o, a, &intents, &n, &err) != 0)
            MUST(err.message[0]);
        for (uint32_t j = 0; j < n; j++) {
            struct od_json *payload;
            MUST(od_json_parse(a, intents[j].payload, 64, &payload, &err) == 0);
        }
    }
}

static int decide(void *ctx, const struct od_command *command)
{
    int *steps = ctx;

    MUST(command && command->type < OD_COMMAND_TYPES);
    return ++*steps % 5 == 0 ? -1 : 0;
}

static void run_commands(struct od_bundle *b, struct od_arena *a)
{
    struct od_policies policies = od_bundle_policies(b, 1);
    struct od_order o = make_order();
    struct od_policy_request request = {.actor = OD_STR("clerk"), .now = NOW};
    int count_of_steps = 0;
    struct od_steps steps = {&count_of_steps, decide};
    uint32_t count;
    const struct od_offer *commands = od_bundle_offers(b, OD_OFFER_COMMAND, &count);

    for (uint32_t i = 0; i < count; i++) {
        struct od_policy_answer answer;
        struct od_err err = {0};

        policies.run(policies.ctx, commands[i].name, OD_STR("{\"n\":1,\"list\":[1,2]}"), &o,
                     &request, a, &steps, &answer, &err);
    }
}

/* The host: what waits is answered between two calls, as from the loop. */
struct host {
    struct od_task *waiting;
    const struct od_task_request *request;
    bool ended;
};

static void on_start(void *ctx, struct od_task *t, const struct od_task_request *request)
{
    struct host *h = ctx;

    MUST(!h->waiting && !h->ended);
    h->waiting = t;
    h->request = request;
    if (request->wait == OD_WAIT_QUERY)
        MUST(request->query);
    for (uint32_t i = 0; request->wait == OD_WAIT_COMMANDS && i < request->part_count; i++)
        MUST(request->parts[i].command && request->parts[i].body.ptr);
}

static void on_done(void *ctx, struct od_task *t, const struct od_err *err)
{
    struct host *h = ctx;

    (void)t;
    MUST(!h->ended);
    if (err)
        MUST(err->message[0] && err->origin[0]);
    h->ended = true;
}

static void answer_all(struct host *h)
{
    static const struct od_str texts[2] = {
        OD_STR_INIT("{\"order_id\":7,\"count\":2,\"items\":[{\"sku\":\"mug\"}]}"),
        OD_STR_INIT("{\"order_id\":8}")};
    struct od_task_answer good = {.texts = texts, .count = 2};
    struct od_task_answer bad = {.error_code = OD_STR("not_cancelable"),
                                 .error = OD_STR("It was shipped."),
                                 .error_policy = OD_STR("order.cancel@default")};

    for (int n = 0; h->waiting; n++) {
        struct od_task *t = h->waiting;

        h->waiting = NULL;
        if (n == ANSWERS_MAX)
            od_task_cancel(t, "took too long");
        else
            od_task_answer(t, n % 3 == 2 ? &bad : &good, NOW + n);
    }
    MUST(h->ended);
}

static void run_tasks(struct od_bundle *b)
{
    struct od_route_request route = {.method = OD_STR("GET"),
                                     .path = OD_STR("/x"),
                                     .actor = OD_STR("clerk"),
                                     .body = OD_STR("{\"a\":1}"),
                                     .json = OD_STR("{\"a\":1}")};
    struct od_job_request job = {NOW};
    uint32_t routes, jobs;

    od_bundle_offers(b, OD_OFFER_ROUTE, &routes);
    od_bundle_offers(b, OD_OFFER_JOB, &jobs);
    for (uint32_t i = 0; i < routes; i++) {
        struct host h = {0};
        struct od_task_host host = {.ctx = &h, .start = on_start, .done = on_done};
        od_task_start_route(b, i, &route, NOW, &host, &h);
        answer_all(&h);
    }
    for (uint32_t i = 0; i < jobs; i++) {
        struct host h = {0};
        struct od_task_host host = {.ctx = &h, .start = on_start, .done = on_done};
        od_task_start_job(b, i, &job, NOW, &host, &h);
        answer_all(&h);
    }
}

/* The same text where tests stand, of which it may have some. */
static void run_tests(struct od_bundle_source *source, struct od_plugin *shop, struct od_arena *a)
{
    struct od_script_file file = {OD_STR("tests/all.lua"), shop->files->text};
    struct od_test_options options = {
        .track = OD_STOCK_KNOWN, .currency = OD_STR("EUR"), .coverage = file.text.len % 2 == 1};
    struct od_test_run run;
    struct od_err err = {0};

    shop->file_count = 0;
    shop->tests = &file;
    shop->test_count = 1;
    if (od_bundle_test(source, &limits, &options, a, &run, &err) != 0)
        MUST(err.message[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct od_script_file files[2] = {
        {OD_STR("rules.lua"), od_str_of(default_rules)},
        {OD_STR("rules.lua"), od_str_n(size > 0 ? (const char *)data : "", size)}};
    struct od_str all = OD_STR("mail, notify, http:*, commands, sql.read");
    struct od_plugin plugins[2] = {
        {.name = OD_STR("default"), .files = &files[0], .file_count = 1},
        {.name = OD_STR("shop"), .files = &files[1], .file_count = 1, .capabilities = all}};
    struct od_plugin_setting grant = {OD_STR("shop"), OD_STR_NONE, all, OD_STR("o.ini:1")};
    struct od_bundle_source source = {.plugins = plugins,
                                      .plugin_count = 2,
                                      .grants = &grant,
                                      .grant_count = 1,
                                      .statuses = &sets};
    struct od_err err = {0};
    struct od_bundle *b;
    struct od_arena a;

    od_log_set_level(OD_LOG_ERROR + 1);
    od_arena_init(&a);
    if (od_bundle_load(&source, &limits, &b, &err) == 0) {
        ask_all(b, &a);
        run_hooks(b, &a);
        run_commands(b, &a);
        run_tasks(b);
        od_bundle_unref(b);
    } else {
        MUST(err.message[0]);
    }
    run_tests(&source, &plugins[1], &a);
    od_arena_fini(&a);
    return 0;
}
