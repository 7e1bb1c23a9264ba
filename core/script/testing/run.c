#include "script/testing/run.h"

#include <string.h>

#include "base/clock.h"
#include "order/model/shop.h"
#include "script/bundle/bundle.h"
#include "script/bundle/loaded.h"
#include "script/coverage/coverage.h"
#include "script/load/load.h"
#include "script/task/thread.h"
#include "script/testing/test.h"
#include "script/vm/vm.h"

/* Runs the tests that plugins register with oms.test. */

#define FIRST_NOW INT64_C(1767268800000000) /* 2026-01-01T12:00:00Z, where every test begins */

static int l_body_done(lua_State *L, int status, lua_KContext ctx)
{
    (void)L;
    (void)status;
    (void)ctx;
    return 0;
}

static int l_body(lua_State *L)
{
    const struct od_test *t = lua_touserdata(L, 1);

    lua_rawgeti(L, LUA_REGISTRYINDEX, t->registration->function);
    l_push_test_handle(L);
    lua_callk(L, 1, 0, 0, l_body_done);
    return 0;
}

/* A method of `t` left its work in the test; a method of an order, its command in the task. */
static void do_work(struct od_test *t)
{
    void (*work)(struct od_test * t) = t->work;

    t->work = NULL;
    if (work) {
        work(t);
    } else {
        t->command = t->task.step.command;
        for (uint32_t i = 0; i < t->order_count; i++)
            if (t->orders[i]->order == t->task.step.order)
                t->subject = t->orders[i];
        od_test_decide(t);
        t->task.refusal = t->refusal.code.ptr ? &t->refusal : NULL;
    }
    od_task_renew(&t->task);
}

/* A test that goes on with the nil of a refused order says where it fell, not why. */
static struct od_str message_of(const struct od_test *t, const struct od_err *err,
                                struct od_arena *a)
{
    if (!t->not_placed.ptr || !strstr(err->message, "nil"))
        return od_arena_str(a, od_str_of(err->message));
    return od_arena_printf(a, "%s (t:place was refused, %.*s)", err->message,
                           OD_STR_ARG(t->not_placed));
}

static void run_to_end(struct od_test *t, struct od_arena *a, struct od_test_result *r)
{
    struct od_err err;
    enum od_task_end end;

    while ((end = od_task_resume(&t->task, &err)) == OD_TASK_WAITS)
        do_work(t);
    r->passed = end == OD_TASK_RETURNED;
    if (r->passed)
        return;
    r->where = od_arena_str(a, od_str_of(err.origin));
    r->message = message_of(t, &err, a);
    r->trace = od_arena_str(a, t->task.trace);
}

/* A shop's declarations of metadata do not count in tests, which place orders without it. */
static const struct od_shop *without_metadata(const struct od_shop *shop, struct od_arena *a)
{
    struct od_shop *own = OD_NEW(a, struct od_shop);

    if (!shop)
        return NULL;
    *own = *shop;
    own->metadata_count = 0;
    own->metadata_strict = false;
    return own;
}

static struct od_test_result run_test(struct od_bundle *b, const struct od_registration *r,
                                      const struct od_test_options *options, struct od_arena *a)
{
    struct od_test_result result = {
        .plugin = od_arena_str(a, r->offer.plugin),
        .name = od_arena_str(a, r->offer.name),
        .origin = od_arena_str(a, r->offer.origin),
    };
    struct od_test t = {.bundle = b, .registration = r, .options = options};
    const struct od_shop *shop = b->shop;
    int64_t started = od_clock_monotonic_us();
    struct od_err err;

    od_arena_init(&t.arena);
    od_map_init(&t.stock);
    b->shop = without_metadata(shop, &t.arena);
    t.task = (struct od_task){
        .plugin = r->plugin,
        .label = r->offer.label,
        .context = OD_VM_TEST,
        .now = FIRST_NOW,
        .actor = OD_STR("test"),
        .arena = &t.arena,
        .body = l_body,
        .arg = &t,
    };
    if (od_task_begin(&t.task, &err) == 0) {
        run_to_end(&t, a, &result);
        od_task_stop(&t.task);
    } else {
        result.where = result.origin;
        result.message = od_arena_str(a, od_str_of(err.message));
    }
    result.us = od_clock_monotonic_us() - started;
    b->shop = shop;
    od_map_fini(&t.stock);
    od_arena_fini(&t.arena);
    return result;
}

static bool is_wanted(const struct od_registration *r, const struct od_test_options *options)
{
    if (options->plugin.ptr && !od_str_eq(r->offer.plugin, options->plugin))
        return false;
    return !options->name.ptr || memmem(r->offer.name.ptr, r->offer.name.len, options->name.ptr,
                                        options->name.len) != NULL;
}

static void run_all(struct od_bundle *b, const struct od_test_options *options, struct od_arena *a,
                    struct od_test_run *run)
{
    const struct od_registrations *tests = &b->offers[OD_OFFER_TEST];
    int64_t started = od_clock_thread_us();

    b->testing = true;
    run->results = OD_NEW_ARRAY(a, struct od_test_result, tests->count);
    for (uint32_t i = 0; i < tests->count; i++) {
        if (!is_wanted(tests->all[i], options))
            continue;
        if (options->cpu_us > 0 && od_clock_thread_us() - started > options->cpu_us) {
            run->out_of_time = true;
            return;
        }
        run->results[run->count] = run_test(b, tests->all[i], options, a);
        run->failed += !run->results[run->count++].passed;
    }
}

/* Runs the tests again, in a bundle of its own, for what source->coverage is to see. */
static int run_measured(const struct od_bundle_source *source,
                        const struct od_bundle_limits *limits,
                        const struct od_test_options *options, struct od_arena *a,
                        struct od_err *err)
{
    struct od_test_run ignored = {0};
    struct od_bundle *b;

    if (od_bundle_load(source, limits, &b, err) != 0)
        return -1;
    run_all(b, options, a, &ignored);
    od_bundle_unref(b);
    return 0;
}

static int measure(struct od_bundle_source *source, const struct od_bundle_limits *limits,
                   const struct od_test_options *options, struct od_arena *a,
                   struct od_test_run *run, struct od_err *err)
{
    struct od_coverage_map *map = od_coverage_map_new(options->plugin);
    int rc;

    source->coverage = map;
    rc = run_measured(source, limits, options, a, err);
    od_coverage_branches(map);
    if (rc == 0)
        rc = run_measured(source, limits, options, a, err);
    if (rc == 0)
        run->coverage = od_coverage_report(map, a, &run->coverage_count);
    od_coverage_map_free(map);
    return rc;
}

/* A setting that the plugin can do without; those that fit a pattern are data, not choices. */
static bool has_default(const struct od_bundle_source *source, const struct od_plugin_setting *s)
{
    for (uint32_t i = 0; i < source->plugin_count; i++) {
        const struct od_plugin *p = &source->plugins[i];
        for (uint32_t k = 0; od_str_eq(p->name, s->plugin) && k < p->config_count; k++)
            if (od_str_eq(p->config[k].name, s->key) && !p->config[k].keys.ptr)
                return !p->config[k].required;
    }
    return false;
}

static void drop_settings(struct od_bundle_source *source, struct od_arena *a)
{
    struct od_plugin_setting *kept =
        OD_NEW_ARRAY(a, struct od_plugin_setting, source->setting_count);
    uint32_t n = 0;

    for (uint32_t i = 0; i < source->setting_count; i++)
        if (!has_default(source, &source->settings[i]))
            kept[n++] = source->settings[i];
    source->settings = kept;
    source->setting_count = n;
}

int od_bundle_test(const struct od_bundle_source *source, const struct od_bundle_limits *limits,
                   const struct od_test_options *options, struct od_arena *a,
                   struct od_test_run *run, struct od_err *err)
{
    struct od_bundle_source own = *source;
    struct od_bundle *b;

    *run = (struct od_test_run){0};
    own.with_tests = true;
    if (options->defaults)
        drop_settings(&own, a);
    if (od_bundle_load(&own, limits, &b, err) != 0)
        return -1;
    run_all(b, options, a, run);
    od_bundle_unref(b);
    return options->coverage ? measure(&own, limits, options, a, run, err) : 0;
}
