#include "fixture.h"

#include <lauxlib.h>
#include <lua.h>

#include "base/buf.h"
#include "script/vm/libs.h"
#include "script/vm/vm.h"

/* The machine below bundles: coroutines that C resumes, their budget, scope and tracebacks. */

struct machine {
    struct od_vm vm;
    struct od_arena arena;
    struct od_buf trace;
    struct od_err err;
    lua_State *co;
    uint64_t scope;
    int64_t left;
    int status, nresults;
};

static int l_wait(lua_State *L)
{
    return lua_yield(L, lua_gettop(L));
}

/* In place of a coroutine's body: the script's chunk, compiled, with `wait` beside the libraries.
 */
static int l_prepare(lua_State *L)
{
    struct machine *m = *(struct machine **)lua_touserdata(L, 1);
    const char *text = ((const char **)lua_touserdata(L, 1))[1];

    l_libs_open(L);
    m->co = lua_newthread(L);
    lua_setfield(L, LUA_REGISTRYINDEX, "thread");
    if (luaL_loadbufferx(L, text, strlen(text), "=shop/rules.lua", "t") != LUA_OK)
        return lua_error(L);
    l_libs_environment(L);
    lua_pushcfunction(L, l_wait);
    lua_setfield(L, -2, "wait");
    lua_setupvalue(L, -2, 1);
    lua_xmove(L, m->co, 1);
    return 0;
}

static void start(struct machine *m, const char *text)
{
    void *arg[] = {m, (void *)text};
    struct od_vm_call call = {OD_VM_LOAD, 1000000, NOW, &m->arena};

    *m = (struct machine){.left = 100000};
    od_arena_init(&m->arena);
    od_buf_init(&m->trace, 4096);
    od_vm_init(&m->vm, &(struct od_vm_limits){1 << 20, INT64_C(600000000), 1000000});
    if (od_vm_run(&m->vm, &call, l_prepare, arg, &m->err) != 0)
        fail_msg("%s", m->err.message);
    m->scope = od_vm_new_scope(&m->vm);
}

static int resume(struct machine *m)
{
    struct od_vm_call call = {OD_VM_COMMAND, m->left, NOW, &m->arena};
    int rc;

    od_buf_reset(&m->trace);
    rc = od_vm_resume(&m->vm, &call, m->scope, m->co, 0, &m->status, &m->nresults, &m->trace,
                      &m->err);
    m->left = m->vm.left;
    if (rc == 0)
        lua_pop(m->co, m->nresults);
    return rc;
}

static void end(struct machine *m)
{
    od_vm_fini(&m->vm); /* asserts that every byte came back */
    od_buf_fini(&m->trace);
    od_arena_fini(&m->arena);
}

static int l_scope(lua_State *L)
{
    *(uint64_t *)lua_touserdata(L, 1) = od_vm_of(L)->scope;
    return 0;
}

static void a_coroutine_waits_and_goes_on(void **state)
{
    struct od_vm_call policy = {OD_VM_POLICY, 1000000, NOW, NULL};
    struct machine m;
    uint64_t between = 0;

    (void)state;
    start(&m, "local n = 0 pcall(function() while n < 3 do n = n + 1 wait(n) end end) return n");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(resume(&m), 0);
        assert_int_equal(m.status, LUA_YIELD);
        assert_int_equal(m.nresults, 1);
        assert_int_equal(m.vm.scope, 0);
        /* A policy may be asked while it waits, in a scope of its own. */
        assert_int_equal(od_vm_run(&m.vm, &policy, l_scope, &between, &m.err), 0);
        assert_true(between != 0 && between != m.scope);
    }
    assert_int_equal(resume(&m), 0);
    assert_int_equal(m.status, LUA_OK);
    end(&m);
}

static void an_error_shows_the_functions_that_ran(void **state)
{
    struct machine m;

    (void)state;
    start(&m, "local function inner(x)\n  wait()\n  return x.y.z\nend\n"
              "function outer(x)\n  local z = inner(x)\n  return z\nend\nwait()\n"
              "local r = outer({})\nreturn r");
    assert_int_equal(resume(&m), 0);
    assert_int_equal(resume(&m), 0);
    assert_int_equal(resume(&m), -1);
    assert_string_equal(m.err.origin, "shop/rules.lua:3");
    assert_contains(m.err.message, "index a nil value (field 'y')");
    od_buf_char(&m.trace, '\0');
    assert_string_equal(m.trace.ptr, "shop/rules.lua:3: in function 'inner'\n"
                                     "shop/rules.lua:6: in function 'outer'\n"
                                     "shop/rules.lua:10: in main chunk\n");
    end(&m);
}

static void a_table_as_error_is_shown_as_message_and_code(void **state)
{
    struct machine m;

    (void)state;
    start(&m, "wait()\nerror({code = 'not_cancelable', message = 'Too late'})");
    assert_int_equal(resume(&m), 0);
    assert_int_equal(resume(&m), -1);
    assert_string_equal(m.err.message, "Too late (not_cancelable)");
    assert_string_equal(m.err.origin, "shop/rules.lua:2");
    end(&m);
}

static void waiting_does_not_renew_the_budget(void **state)
{
    struct machine m;
    int resumes = 0;

    (void)state;
    start(&m, "while true do pcall(wait) end");
    while (resumes < 1000 && resume(&m) == 0)
        resumes++;
    assert_in_range(resumes, 1, 100); /* each costs a slice of 1000 of the 100000 */
    assert_contains(m.err.message, "used up its budget of instructions");
    end(&m);
}

static void no_pcall_around_a_wait_catches_the_end(void **state)
{
    static const char *const texts[] = {
        "pcall(function() wait() while true do end end) while true do end",
        "while true do pcall(function() wait() while true do end end) end",
        "pcall(function() wait() local s = 'x' while true do s = s .. s end end) return 1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct machine m;

        start(&m, texts[i]);
        assert_int_equal(resume(&m), 0);
        assert_int_equal(resume(&m), -1);
        assert_contains(m.err.message, i == 2 ? "memory" : "budget");
        assert_string_equal(m.err.origin, "shop/rules.lua:1");
        end(&m);
    }
}

static void pcall_catches_errors_on_both_sides_of_a_wait(void **state)
{
    struct machine m;

    (void)state;
    start(&m, "local ok, e = pcall(function() wait() error('x', 0) end)\n"
              "assert(not ok and e == 'x')\n"
              "local function three() return pcall(function() wait() return 1, 2, 3 end) end\n"
              "assert(select('#', three()) == 4)\nwait() return");
    for (int i = 0; i < 3; i++) {
        if (resume(&m) != 0)
            fail_msg("%s: %s", m.err.origin, m.err.message);
        assert_int_equal(m.status, LUA_YIELD);
    }
    assert_int_equal(resume(&m), 0);
    assert_int_equal(m.status, LUA_OK);
    end(&m);
}

static void waiting_where_lua_cannot_is_an_error(void **state)
{
    static const char *const texts[] = {
        "table.sort({2, 1}, function() wait() end)",
        "return (('x'):gsub('x', function() wait() end))",
        "tostring(setmetatable({}, {__tostring = function() wait() end}))",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct machine m;

        start(&m, texts[i]);
        assert_int_equal(resume(&m), -1);
        assert_contains(m.err.message, "attempt to yield across a C-call boundary");
        end(&m);
    }
}

static void a_coroutine_that_never_ends_is_closed_with_its_state(void **state)
{
    struct machine m;

    (void)state;
    start(&m, "local t = {} for i = 1, 1000 do t[i] = {i} end wait() return t");
    assert_int_equal(resume(&m), 0);
    end(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_coroutine_waits_and_goes_on),
        cmocka_unit_test(an_error_shows_the_functions_that_ran),
        cmocka_unit_test(a_table_as_error_is_shown_as_message_and_code),
        cmocka_unit_test(waiting_does_not_renew_the_budget),
        cmocka_unit_test(no_pcall_around_a_wait_catches_the_end),
        cmocka_unit_test(pcall_catches_errors_on_both_sides_of_a_wait),
        cmocka_unit_test(waiting_where_lua_cannot_is_an_error),
        cmocka_unit_test(a_coroutine_that_never_ends_is_closed_with_its_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
