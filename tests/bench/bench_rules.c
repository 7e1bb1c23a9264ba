#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rules/make/rules.h"
#include "conf/conf.h"
#include "order/machine/command_kind.h"
#include "order/machine/parse.h"
#include "order/model/command.h"
#include "rules/trial/history/replay.h"

/*
 * What rules cost without a database: one answer of order.status with its view of the snapshot, a copy
 * of a snapshot, and the decisions a replay makes a second on one core. The default rules, of the reference
 * configuration; a line of JSON each.
 */

enum { ORDERS = 2000, EVENTS_MAX = 8, ROUND = 1000 };

struct history {
    struct od_event events[EVENTS_MAX];
    uint32_t count;
};

struct bench {
    struct od_rules *rules;
    struct od_arena arena, scratch;
    struct od_map stock;
    struct od_order *order; /* the last one made */
    struct history *histories;
};

static const struct {
    enum od_command_type type;
    const char *body;
} life[] = {
    {OD_COMMAND_PLACE,
     "{\"currency\":\"EUR\",\"paymentMethod\":\"card\",\"customer\":{\"id\":\"c-1\",\"email\":"
     "\"ana@example.org\",\"fullName\":\"Ana Souza\"},\"shippingAddress\":{\"fullName\":\"Ana "
     "Souza\",\"address1\":\"Rua Augusta 1\",\"city\":\"Lisboa\",\"country\":\"PT\"},\"items\":["
     "{\"sku\":\"SKU-1\",\"qty\":2,\"price\":\"19.99\"},{\"sku\":\"SKU-2\",\"qty\":1,\"price\":"
     "\"5.00\"},{\"sku\":\"SKU-3\",\"qty\":3,\"price\":\"7.50\"}]}"},
    {OD_COMMAND_PAYMENT, "{\"type\":\"authorize\"}"},
    {OD_COMMAND_PAYMENT, "{\"type\":\"capture\"}"},
    {OD_COMMAND_CREATE_SHIPMENT, "{\"carrier\":\"post\"}"},
    {OD_COMMAND_ADD_ACTIVITY, "{\"comment\":\"left at the door\"}"},
    {OD_COMMAND_UPDATE_SHIPMENT, "{\"status\":\"delivered\"}"},
};

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "bench_rules: %s: %s\n", what, why);
    exit(1);
}

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct od_rules *load_rules(void)
{
    static const char *const overrides[] = {"plugins.load=",
                                            "plugins.scripts=" OD_SOURCE_DIR "/scripts"};
    struct od_conf *conf;
    struct od_rules *rules;
    struct od_err err;
    if (od_conf_load(OD_SOURCE_DIR "/conf/orderd.ini", overrides, 2, &conf, &err) ||
        od_rules_build(conf, &rules, &err))
        fail(err.origin, err.message);
    od_conf_unref(conf);
    return rules;
}

static struct od_command *parse(struct bench *b, enum od_command_type type, const char *body)
{
    struct od_problem_list problems = {.arena = &b->arena};
    struct od_command *c = OD_NEW(&b->arena, struct od_command);
    struct od_json *json;
    struct od_err err;
    if (od_json_parse(&b->arena, od_str_of(body), 16, &json, &err))
        fail(body, err.message);
    if (od_command_parse(type, json, &b->arena, OD_STR("EUR"), c, &problems))
        fail(body, problems.items[0].detail.ptr);
    c->actor = OD_STR("bench");
    c->shipment.shipment_id = type == OD_COMMAND_UPDATE_SHIPMENT;
    return c;
}

static void live(struct bench *b, int64_t order_id, struct history *h)
{
    struct od_decide_env env = {.policies = &b->rules->policies,
                                .statuses = &b->rules->statuses,
                                .stock = &b->stock,
                                .track = OD_STOCK_NONE,
                                .arena = &b->arena,
                                .now = INT64_C(1700000000000000) + order_id};
    b->order = OD_NEW(&b->arena, struct od_order);
    for (size_t i = 0; i < sizeof life / sizeof *life; i++) {
        struct od_decision d = {
            .env = &env, .order = b->order, .new_order_id = order_id, .new_number_value = order_id};
        od_decide(&d, parse(b, life[i].type, life[i].body), false);
        if (d.verdict != OD_VERDICT_DONE)
            fail(od_command_name(life[i].type), d.refusal.detail.ptr);
        for (uint32_t k = 0; k < d.event_count && h->count < EVENTS_MAX; k++)
            h->events[h->count++] = d.events[k];
    }
}

static double status_us(struct bench *b, double seconds)
{
    const struct od_policies *p = &b->rules->policies;
    struct od_policy_request request = {.actor = OD_STR_INIT("bench"), .now = 1};
    struct od_policy_answer answer;
    struct od_err err;
    double began = cpu_seconds(), spent = 0;
    uint64_t calls = 0;
    while (spent < seconds) {
        od_arena_reset(&b->scratch);
        for (int i = 0; i < ROUND; i++) {
            if (p->ask(p->ctx, OD_ASK_ORDER_STATUS, b->order, &request, &b->scratch, &answer, &err))
                fail("order.status", err.message);
        }
        calls += ROUND;
        spent = cpu_seconds() - began;
    }
    return spent * 1e6 / (double)calls;
}

static double clone_us(struct bench *b, double seconds)
{
    double began = cpu_seconds(), spent = 0;
    uint64_t clones = 0;
    while (spent < seconds) {
        od_arena_reset(&b->scratch);
        for (int i = 0; i < ROUND; i++)
            (void)od_order_clone(&b->scratch, b->order);
        clones += ROUND;
        spent = cpu_seconds() - began;
    }
    return spent * 1e6 / (double)clones;
}

static void on_found(void *ctx, const struct od_replay_found *f)
{
    (void)ctx;
    fprintf(stderr, "order %lld seq %d kind %d: %.*s -> %.*s %.*s\n", (long long)f->order_id,
            f->seq, (int)f->kind, OD_STR_ARG(f->old), OD_STR_ARG(f->new_), OD_STR_ARG(f->reason));
    fail("replay", "the same rules decide otherwise");
}

static double replay_rate(struct bench *b, double seconds)
{
    struct od_replay_rules rules = {&b->rules->policies, &b->rules->statuses};
    struct od_replay replay = {
        .candidate = rules, .base = &rules, .questions = ~0u, .now = 1, .found = on_found};
    double began = cpu_seconds(), spent = 0;
    while (spent < seconds) {
        for (int i = 0; i < ORDERS; i++) {
            struct od_order *last;
            struct od_err err;
            od_arena_reset(&b->scratch);
            if (od_replay_order(&replay, b->histories[i].events, b->histories[i].count, &b->scratch,
                                &last, &err))
                fail("replay", err.message);
        }
        spent = cpu_seconds() - began;
    }
    return (double)replay.decisions / spent;
}

int main(int argc, char **argv)
{
    struct bench b = {0};
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 2;
    if (argc > 2 || seconds <= 0)
        fail("usage", "bench_rules [SECONDS]");
    od_arena_init(&b.arena);
    od_arena_init(&b.scratch);
    od_map_init(&b.stock);
    b.rules = load_rules();
    b.histories = OD_NEW_ARRAY(&b.arena, struct history, ORDERS);
    for (int i = 0; i < ORDERS; i++)
        live(&b, i + 1, &b.histories[i]);
    printf("{\"name\":\"policy_status\",\"us\":%.3f}\n", status_us(&b, seconds));
    printf("{\"name\":\"order_clone\",\"us\":%.3f}\n", clone_us(&b, seconds));
    printf("{\"name\":\"replay\",\"rate\":%.0f}\n", replay_rate(&b, seconds));
    od_rules_unref(b.rules);
    od_map_fini(&b.stock);
    od_arena_fini(&b.scratch);
    od_arena_fini(&b.arena);
    return 0;
}
