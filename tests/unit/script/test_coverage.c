#include "fixture.h"

#include <lauxlib.h>

#include "script/coverage/coverage.h"
#include "script/coverage/source.h"
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

    /* Nothing stands on 1, 5, 11, 13 and 14. */
    assert_int_equal(c->lines, 8);
    assert_int_equal(c->lines_hit, 5);
    assert_lines(c->missed_lines, c->missed_line_count, "3 4 8");
    assert_int_equal(c->branches, 4);
    assert_int_equal(c->branches_hit, 3);
    assert_lines(c->missed_branches, c->missed_branch_count, "7");
}

static void the_ways_of_a_line_are_told_apart(void **state)
{
    struct od_coverage *c = measure(*state,
                                    "oms.policy('order.status', function(order)\n"      /* 1 */
                                    "  local total = order.grand_total\n"               /* 2 */
                                    "  if total > 5 then return 'canceled' end\n"       /* 3 */
                                    "  local none = total > 9 and 'x' or 'y'\n"         /* 4 */
                                    "  local one = total == 1 or total == 2 or total\n" /* 5 */
                                    "  if none and one then return 'pending' else\n"    /* 6 */
                                    "    return 'canceled' end\n"                       /* 7 */
                                    "end)\n",
                                    ask_twice);

    assert_lines(c->missed_lines, c->missed_line_count, "7");
    /* 3: never true. 4: 'x' was never reached. 5: total is 1 and 2, so the last `total` was not.
     * 6: the condition was never false. */
    assert_int_equal(c->branches, 9);
    assert_int_equal(c->branches_hit, 5);
    assert_lines(c->missed_branches, c->missed_branch_count, "3 4 5 6");
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
                                    "  while true do\n"                            /* 12 */
                                    "    if n == 3 then break end\n"               /* 13 */
                                    "  end\n"                                      /* 14 */
                                    "  repeat n = n - 1 until n < 1\n"             /* 15 */
                                    "  return 'pending'\n"                         /* 16 */
                                    "end)\n",                                      /* 17 */
                                    ask_twice);

    /* The loop on 12 decides nothing. */
    assert_lines(c->missed_lines, c->missed_line_count, "7");
    assert_int_equal(c->branches, 4);
    assert_int_equal(c->branches_hit, 3);
    assert_lines(c->missed_branches, c->missed_branch_count, "13");
}

static void a_script_that_no_test_asks_is_measured_too(void **state)
{
    struct od_coverage *c = measure(*state,
                                    "oms.policy('order.status', function() return 'pending' end)\n"
                                    "oms.policy('order.cancel', function()\n"
                                    "  return oms.allow()\n"
                                    "end)\n",
                                    "oms.test('nothing', function(t) t:ok(true) end)\n");

    assert_int_equal(c->lines, 3);
    assert_lines(c->missed_lines, c->missed_line_count, "3");
    assert_int_equal(c->branches, 0);
}

/* The compiler puts a return there that never runs. */
static void the_end_of_a_tail_call_is_no_missed_line(void **state)
{
    struct od_coverage *c = measure(*state,
                                    "local function status(t) return t.code end\n" /* 1 */
                                    "oms.policy('order.status', function(order)\n" /* 2 */
                                    "  return status {\n"                          /* 3 */
                                    "    code = 'pending',\n"                      /* 4 */
                                    "  }\n"                                        /* 5 */
                                    "end)\n",
                                    ask_twice);

    assert_int_equal(c->lines, 4);
    assert_int_equal(c->lines_hit, 4);
}

/* A condition over several lines is measured without running more of them. */
static void a_condition_stops_at_its_first_line(void **state)
{
    struct od_coverage *c = measure(*state,
                                    "oms.policy('order.status', function(order)\n" /* 1 */
                                    "  if order.grand_total > 9\n"                 /* 2 */
                                    "    and order.grand_total < 20 then\n"        /* 3 */
                                    "    return 'canceled'\n"                      /* 4 */
                                    "  end\n"                                      /* 5 */
                                    "  return 'pending'\n"                         /* 6 */
                                    "end)\n",
                                    ask_twice);

    assert_lines(c->missed_lines, c->missed_line_count, "3 4");
    assert_lines(c->missed_branches, c->missed_branch_count, "2");
}

static void both_values_of_and_or_are_branches(void **state)
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

    assert_int_equal(c->lines, 305);
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

/* Runs the text, and leaves its results as one text at the top. */
static const char *run_text(lua_State *L, struct od_str text)
{
    luaL_Buffer results;
    int n;

    lua_settop(L, 0);
    if (luaL_loadbuffer(L, text.ptr, text.len, "=script") != LUA_OK)
        fail_msg("%s", lua_tostring(L, -1));
    if (luaL_dostring(L, "return function(n, value) return value end") != LUA_OK)
        fail_msg("%s", lua_tostring(L, -1));
    if (lua_pcall(L, 1, LUA_MULTRET, 0) != LUA_OK)
        fail_msg("%s", lua_tostring(L, -1));
    n = lua_gettop(L);
    luaL_buffinit(L, &results);
    for (int i = 1; i <= n; i++) {
        luaL_addstring(&results, luaL_tolstring(L, i, NULL));
        luaL_addstring(&results, "; ");
        lua_pop(L, 1);
    }
    luaL_pushresult(&results);
    return lua_tostring(L, -1);
}

static void assert_same_results(const char *script)
{
    lua_State *plain = luaL_newstate(), *measured = luaL_newstate();
    struct od_source source = {0};
    struct od_arena arena;
    struct od_buf text;
    bool says[8] = {false};

    od_arena_init(&arena);
    od_buf_init(&text, 64 << 10);
    od_source_read(&source, &arena, od_str_of(script), says, &text);
    assert_string_equal(run_text(plain, od_str_of(script)), run_text(measured, od_buf_view(&text)));
    od_buf_fini(&text);
    od_arena_fini(&arena);
    lua_close(plain);
    lua_close(measured);
}

/* The lines of a function are known although nothing makes it, wherever it stands. */
static void functions_are_found_wherever_they_stand(void **state)
{
    struct od_coverage *c = measure(*state,
                                    "local m, fixed <const> = { deep = {} }, 1\n"           /* 1 */
                                    "local function never()\n"                              /* 2 */
                                    "  function m.deep.er:method(a,\n"                      /* 3 */
                                    "                            ...)\n"                    /* 4 */
                                    "    if (function() return a end)() then\n"             /* 5 */
                                    "      return self, fixed, -- end\n"                    /* 6 */
                                    "        ...\n"                                         /* 7 */
                                    "    end\n"                                             /* 8 */
                                    "    goto out\n"                                        /* 9 */
                                    "    ::out::\n"                                         /* 10 */
                                    "    m = { 'end', [[ function ( ]], key = function()\n" /* 11 */
                                    "      return 1\n"                                      /* 12 */
                                    "    end }\n"                                           /* 13 */
                                    "  end\n"                                               /* 14 */
                                    "end\n"                                                 /* 15 */
                                    "oms.policy('order.status', function() return 'pending' end)\n",
                                    "oms.test('nothing', function(t) t:ok(never == nil) end)\n");

    assert_lines(c->missed_lines, c->missed_line_count, "3 5 6 7 9 11 12");
}

/* A script that tells what it decides decides the same. */
static void a_measured_script_means_what_it_says(void **state)
{
    static const char *const scripts[] = {
        "local a, b = nil, false return a and b, a or b, b and a, b or a",
        "local function f(...) return ... end return f(1, 2) and f(3, 4), (f(nil) or f(5, 6))",
        "local n = 0 while n < 3 and n ~= 9 do n = n + 1 end return n",
        "local n = 0 repeat n = n + 1 until n > 3 or n == 2 return n",
        "local s = '' for i = 1, 5 do if i % 2 == 0 then s = s .. i elseif i == 3 then s = s .. "
        "'three' else s = s .. 'x' end end return s",
        "local function t() return true, 'more' end if t() then return t() end",
        "if -- a comment with then and end\n true and 'x' then return 'y' end",
        "if true then return [[ if x then ]] .. \"or 'and'\" end",
        "local t = { x = function(x) return x and 1 or 2 end } return t.x(true), t.x(false)",
        "local function v(...) if ... then return 'some' end return 'none' end return v(1), v()",
        "local x = 1 do local y = x == 1 and not (x ~= 1) or nil x = y end return x",
        "return (1 or 2) + (nil or 3) * (2 and 4), not nil == true and 1 < 2",
        "local a = {} a.b = a.b or {} a.b.c = a.b.c or 7 return a.b.c",
        "for i = 1, 3 do for j = 1, 3 do if j == 2 then goto next end if i == 2 then break end "
        "::next:: end end return 'out'",
        "return",
        "",
    };

    (void)state;
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++)
        assert_same_results(scripts[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_that_never_ran_are_named, setup, teardown),
        cmocka_unit_test_setup_teardown(the_ways_of_a_line_are_told_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(loops_are_measured_by_their_conditions, setup, teardown),
        cmocka_unit_test_setup_teardown(a_script_that_no_test_asks_is_measured_too, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_end_of_a_tail_call_is_no_missed_line, setup, teardown),
        cmocka_unit_test_setup_teardown(a_condition_stops_at_its_first_line, setup, teardown),
        cmocka_unit_test_setup_teardown(both_values_of_and_or_are_branches, setup, teardown),
        cmocka_unit_test_setup_teardown(a_long_script_keeps_its_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(functions_are_found_wherever_they_stand, setup, teardown),
        cmocka_unit_test(a_measured_script_means_what_it_says),
        cmocka_unit_test_setup_teardown(an_endless_test_is_cut_while_measured_too, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
