#include "fixture.h"

#include <lauxlib.h>

#include "script/coverage/map.h"
#include "script/testing/run.h"

/* What `orderd test --coverage` says about a script is exactly what its tests reached. */

struct rig {
    struct od_arena arena;
    struct od_script_file scripts[2], tests[1];
    struct od_plugin plugins[2];
    struct od_bundle_source source;
    struct od_test_options options;
    struct od_test_run run;
    struct od_err err;
};

static int setup(void **state)
{
    struct rig *r = calloc(1, sizeof *r);

    od_arena_init(&r->arena);
    r->options = (struct od_test_options){
        .plugin = OD_STR("shop"), .coverage = true, .currency = OD_STR("EUR")};
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct rig *r = *state;

    od_arena_fini(&r->arena);
    free(r);
    return 0;
}

/* The plugin "shop" of one script and one file of tests, measured. */
static struct od_coverage *measure(struct rig *r, const char *script, const char *tests)
{
    r->scripts[0] = (struct od_script_file){OD_STR("rules.lua"), od_str_of(default_rules)};
    r->scripts[1] = (struct od_script_file){OD_STR("rules.lua"), od_str_of(script)};
    r->tests[0] = (struct od_script_file){OD_STR("tests/rules.lua"), od_str_of(tests)};
    r->plugins[0] =
        (struct od_plugin){.name = OD_STR("default"), .files = &r->scripts[0], .file_count = 1};
    r->plugins[1] = (struct od_plugin){.name = OD_STR("shop"),
                                       .files = &r->scripts[1],
                                       .file_count = 1,
                                       .tests = r->tests,
                                       .test_count = 1};
    r->source =
        (struct od_bundle_source){.plugins = r->plugins, .plugin_count = 2, .statuses = &sets};
    if (od_bundle_test(&r->source, &od_bundle_default_limits, &r->options, &r->arena, &r->run,
                       &r->err) != 0)
        fail_msg("%s: %s", r->err.origin, r->err.message);
    for (uint32_t i = 0; i < r->run.count; i++)
        if (!r->run.results[i].passed)
            fail_msg("%s: %s", r->run.results[i].where.ptr, r->run.results[i].message.ptr);
    assert_int_equal(r->run.coverage_count, 1);
    assert_string_equal(r->run.coverage[0].file.ptr, "shop/rules.lua");
    return r->run.coverage;
}

static void assert_lines(const uint32_t *lines, uint32_t n, const char *expected)
{
    char text[200] = "";
    size_t len = 0;

    for (uint32_t i = 0; i < n; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%u", i ? " " : "", lines[i]);
    assert_string_equal(text, expected);
}

static const char ask_twice[] = "oms.test('asks', function(t)\n"
                                "  t:ask('order.status', t:order { grand_total = 1 })\n"
                                "  t:ask('order.status', t:order { grand_total = 2 })\n"
                                "end)\n";

static void lines_that_never_ran_are_named(void **state)
{
    struct od_coverage *c = measure(*state,
                                    "-- A comment is no line.\n"                   /* 1 */
                                    "local function never()\n"                     /* 2 */
                                    "  local x = 1\n"                              /* 3 */
                                    "  return x\n"                                 /* 4 */
                                    "end\n"                                        /* 5 */
                                    "oms.policy('order.status', function(order)\n" /* 6 */
                                    "  if order.grand_total > 5 then\n"            /* 7 */
                                    "    return never()\n"                         /* 8 */
                                    "  elseif order.grand_total > 1 then\n"        /* 9 */
                                    "    return 'processing'\n"                    /* 10 */
                                    "  else\n"                                     /* 11 */
                                    "    return 'pending'\n"                       /* 12 */
                                    "  end\n"                                      /* 13 */
                                    "end)\n",                                      /* 14 */
                                    ask_twice);

    /* 5 and 14 make the functions; nothing stands on 1, 2, 11 and 13. */
    assert_int_equal(c->lines, 10);
    assert_int_equal(c->lines_hit, 7);
    assert_lines(c->missed_lines, c->missed_line_count, "3 4 8");
    assert_int_equal(c->branches, 4);
    assert_int_equal(c->branches_hit, 3);
    assert_lines(c->missed_branches, c->missed_branch_count, "7");
}

static void each_half_of_and_and_or_is_a_branch(void **state)
{
    struct od_coverage *c = measure(*state,
                                    "oms.policy('order.status', function(order)\n"  /* 1 */
                                    "  local total = order.grand_total\n"           /* 2 */
                                    "  local both = total > 0 and total < 9\n"      /* 3 */
                                    "  local one = total == 1 or total == 2\n"      /* 4 */
                                    "  if both and one then return 'pending' end\n" /* 5 */
                                    "  return 'canceled'\n"                         /* 6 */
                                    "end)\n",
                                    ask_twice);

    assert_lines(c->missed_lines, c->missed_line_count, "6");
    /* total is 1 and 2: `total > 0` and `total < 9` always hold, `total == 1` went both ways,
     * `total == 2` held whenever it was looked at, `both` and `one` always. */
    assert_int_equal(c->branches, 12);
    assert_int_equal(c->branches_hit, 7);
    assert_lines(c->missed_branches, c->missed_branch_count, "3 4 5");
}

static void loops_are_measured_by_their_conditions(void **state)
{
    struct od_coverage *c = measure(*state,
                                    "oms.policy('order.status', function(order)\n" /* 1 */
                                    "  local n = 0\n"                              /* 2 */
                                    "  for _, item in ipairs(order.items) do\n"    /* 3 */
                                    "    n = n + item.qty\n"                       /* 4 */
                                    "  end\n"                                      /* 5 */
                                    "  for i = 1, 0 do\n"                          /* 6 */
                                    "    n = n + i\n"                              /* 7 */
                                    "  end\n"                                      /* 8 */
                                    "  while n < 3 do\n"                           /* 9 */
                                    "    n = n + 1\n"                              /* 10 */
                                    "  end\n"                                      /* 11 */
                                    "  repeat n = n - 1 until n < 1\n"             /* 12 */
                                    "  return 'pending'\n"                         /* 13 */
                                    "end)\n",                                      /* 14 */
                                    ask_twice);

    assert_lines(c->missed_lines, c->missed_line_count, "7");
    assert_int_equal(c->branches, 4);
    assert_int_equal(c->branches_hit, 4);
    assert_int_equal(c->missed_branch_count, 0);
}

static void a_script_that_no_test_asks_is_measured_too(void **state)
{
    struct od_coverage *c = measure(*state,
                                    "oms.policy('order.status', function() return 'pending' end)\n"
                                    "oms.policy('order.cancel', function()\n"
                                    "  return oms.allow()\n"
                                    "end)\n",
                                    "oms.test('nothing', function(t) t:ok(true) end)\n");

    assert_int_equal(c->lines, 4);
    assert_lines(c->missed_lines, c->missed_line_count, "3");
    assert_int_equal(c->branches, 0);
}

/* The compiler tests the constant as well. */
static void the_constant_of_and_or_is_no_branch(void **state)
{
    struct od_coverage *c = measure(*state,
                                    "oms.policy('order.status', function(order)\n"
                                    "  return order.grand_total > 1 and 'processing' or 'pending'\n"
                                    "end)\n",
                                    ask_twice);

    assert_int_equal(c->branches, 2);
    assert_int_equal(c->branches_hit, 2);
}

/* Line numbers of long functions are dumped in two ways; both must be read. */
static void a_long_script_keeps_its_lines(void **state)
{
    static char script[20000];
    size_t len = 0;
    struct od_coverage *c;

    len += (size_t)snprintf(script, sizeof script,
                            "oms.policy('order.status', function(order)\n  local n = 0\n");
    for (int i = 0; i < 300; i++)
        len += (size_t)snprintf(script + len, sizeof script - len, "  n = n + order.grand_total\n");
    for (int i = 0; i < 200; i++)
        len += (size_t)snprintf(script + len, sizeof script - len, "\n");
    snprintf(script + len, sizeof script - len,
             "  if n < 0 then\n    return 'canceled'\n  end\n  return 'pending'\nend)\n");
    c = measure(*state, script, ask_twice);

    assert_int_equal(c->lines, 306);
    assert_lines(c->missed_lines, c->missed_line_count, "504");
    assert_lines(c->missed_branches, c->missed_branch_count, "503");
}

static void an_endless_test_is_cut_while_measured_too(void **state)
{
    struct rig *r = *state;

    r->options.name = OD_STR("asks");
    measure(r,
            "oms.policy('order.status', function(order)\n"
            "  return 'pending'\n"
            "end)\n",
            "oms.test('asks', function(t) t:ask('order.status', t:order {}) end)\n"
            "oms.test('endless', function() while true do end end)\n");
    assert_int_equal(r->run.count, 1);
    r->options.name = OD_STR("endless");
    assert_int_equal(od_bundle_test(&r->source, &od_bundle_default_limits, &r->options, &r->arena,
                                    &r->run, &r->err),
                     0);
    assert_int_equal(r->run.failed, 1);
    assert_contains(r->run.results[0].message.ptr, "instructions");
}

static int append(lua_State *L, const void *bytes, size_t n, void *ctx)
{
    (void)L;
    od_buf_append(ctx, bytes, n);
    return 0;
}

static struct od_coverage_map *dumped(const char *source)
{
    struct od_coverage_map *m = od_coverage_map_new(OD_STR_NONE);
    lua_State *L = luaL_newstate();

    assert_int_equal(luaL_loadstring(L, source), LUA_OK);
    lua_dump(L, append, &m->dump, 0);
    lua_close(L);
    return m;
}

static void another_lua_is_an_error_that_says_so(void **state)
{
    struct od_coverage_map *m = dumped("return 1");
    struct od_err err;

    (void)state;
    m->dump.ptr[4] = 0x55;
    assert_int_equal(od_coverage_rewrite(m, &err), -1);
    assert_contains(err.message, "does not dump functions as Lua 5.4 does");
    od_coverage_map_free(m);
}

static void a_dump_that_is_cut_or_damaged_is_refused_or_read(void **state)
{
    static const char source[] = "local x = 1 local function f(a) for i = 1, a do x = x + i end "
                                 "if x > 3 and a then return 'y' end return 2.5 end return f(x)";
    struct od_coverage_map *m = dumped(source);
    size_t len = m->dump.len;
    struct od_err err;

    (void)state;
    assert_int_equal(od_coverage_rewrite(m, &err), 0);
    for (m->dump.len = 0; m->dump.len < len; m->dump.len++)
        assert_int_equal(od_coverage_rewrite(m, &err), -1);
    for (size_t i = 0; i < len; i++) {
        char kept = m->dump.ptr[i];
        m->dump.ptr[i] = (char)~kept;
        (void)!od_coverage_rewrite(m, &err); /* the sanitizers look on */
        m->dump.ptr[i] = kept;
    }
    od_coverage_map_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_that_never_ran_are_named, setup, teardown),
        cmocka_unit_test_setup_teardown(each_half_of_and_and_or_is_a_branch, setup, teardown),
        cmocka_unit_test_setup_teardown(loops_are_measured_by_their_conditions, setup, teardown),
        cmocka_unit_test_setup_teardown(a_script_that_no_test_asks_is_measured_too, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_constant_of_and_or_is_no_branch, setup, teardown),
        cmocka_unit_test_setup_teardown(a_long_script_keeps_its_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(an_endless_test_is_cut_while_measured_too, setup, teardown),
        cmocka_unit_test(another_lua_is_an_error_that_says_so),
        cmocka_unit_test(a_dump_that_is_cut_or_damaged_is_refused_or_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
