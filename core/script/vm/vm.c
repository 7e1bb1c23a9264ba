#include "script/vm/vm.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/assert.h"
#include "script/vm/budget.h"
#include "script/vm/error.h"

#define SCRATCH_MAX (64 << 10)
#define TRACE_MAX   4096

/* Message handler: keeps origin and message while the stack still shows them. [-0, +0, m] */
static int l_on_error(lua_State *L)
{
    struct od_vm *vm = od_vm_of(L);

    if (vm->trip != OD_TRIP_NONE)
        return 1;
    od_vm_trace(L, &vm->trace);
    l_describe_error(L, 1, L, &vm->error);
    lua_settop(L, 1);
    return 1;
}

static const char *place(enum od_vm_context context)
{
    switch (context) {
    case OD_VM_LOAD:
        return "while a file loads";
    case OD_VM_POLICY:
        return "inside a policy";
    case OD_VM_HOOK:
        return "inside a hook";
    case OD_VM_COMMAND:
        return "inside a command";
    case OD_VM_ROUTE:
        return "inside a route";
    case OD_VM_JOB:
        return "inside a job";
    case OD_VM_RECEIVER:
        return "inside a receiver";
    case OD_VM_TEST:
        return "inside a test";
    case OD_VM_TEMPLATE:
        return "inside a template";
    case OD_VM_IDLE:
        break;
    }
    return "here";
}

void l_require_context(lua_State *L, unsigned allowed, const char *binding)
{
    enum od_vm_context context = od_vm_of(L)->context;

    if (!(context & allowed))
        luaL_error(L, "%s cannot be called %s", binding, place(context));
}

static int on_panic(lua_State *L)
{
    fprintf(stderr, "orderd: Lua error outside of od_vm_run: %s\n", lua_tostring(L, -1));
    return 0;
}

void od_vm_init(struct od_vm *vm, const struct od_vm_limits *limits)
{
    *vm = (struct od_vm){.limits = *limits, .left = INT64_MAX, .slice = OD_VM_SLICE};
    od_buf_init(&vm->scratch, SCRATCH_MAX);
    od_buf_init(&vm->trace, TRACE_MAX);
    od_arena_init(&vm->work);
    vm->L = lua_newstate(od_vm_allocate, vm);
    if (!vm->L)
        abort();
    *(struct od_vm **)lua_getextraspace(vm->L) = vm;
    lua_atpanic(vm->L, on_panic);
}

void od_vm_fini(struct od_vm *vm)
{
    OD_ASSERT(vm->context == OD_VM_IDLE);
    lua_close(vm->L);
    OD_ASSERT(vm->memory == 0);
    od_arena_fini(&vm->work);
    od_buf_fini(&vm->trace);
    od_buf_fini(&vm->scratch);
    vm->L = NULL;
}

uint64_t od_vm_new_scope(struct od_vm *vm)
{
    return ++vm->scopes;
}

struct od_str od_vm_trace_line(struct od_vm *vm)
{
    size_t n = vm->trace.len;

    for (size_t i = 0; i < n; i++)
        if (vm->trace.ptr[i] == '\n')
            vm->trace.ptr[i] = ';';
    return od_str_n(vm->trace.ptr ? vm->trace.ptr : "", n > 0 ? n - 1 : 0);
}

static void enter(struct od_vm *vm, const struct od_vm_call *call, uint64_t scope,
                  lua_State *thread)
{
    OD_ASSERT(vm->context == OD_VM_IDLE);
    vm->context = call->context;
    vm->trip = OD_TRIP_NONE;
    vm->instructions = vm->left = call->instructions;
    vm->deadline_us = 0;
    vm->now_us = call->now_us;
    vm->arena = call->arena;
    vm->arena_end = call->arena ? call->arena->used + OD_VM_ARENA_SHARE * vm->limits.memory : 0;
    vm->unwatched = 0;
    vm->log_lines = 0;
    vm->scope = scope;
    vm->error.origin[0] = vm->error.message[0] = '\0';
    vm->running = thread;
    od_vm_watch(vm);
}

static void leave(struct od_vm *vm)
{
    vm->context = OD_VM_IDLE;
    vm->scope = 0;
    vm->running = NULL;
}

static int fail(struct od_vm *vm, int status, struct od_err *err)
{
    if (status == LUA_ERRMEM || vm->trip == OD_TRIP_MEMORY) {
        lua_gc(vm->L, LUA_GCCOLLECT);
        return od_err_set_at(err, OD_ERR_SCRIPT, vm->error.origin,
                             "ran out of memory (%zu bytes for the plugin, %zu for one value)",
                             vm->limits.memory, vm->limits.memory / OD_VM_TEXT_SHARE);
    }
    return od_err_set_at(err, OD_ERR_SCRIPT, vm->error.origin, "%s",
                         vm->error.message[0] ? vm->error.message
                                              : "an error while handling an error");
}

int od_vm_run(struct od_vm *vm, const struct od_vm_call *call, lua_CFunction f, void *arg,
              struct od_err *err)
{
    lua_State *L = vm->L;
    int top = lua_gettop(L), status, rc = 0;

    enter(vm, call, ++vm->scopes, L);
    lua_pushcfunction(L, l_on_error);
    lua_pushcfunction(L, f);
    lua_pushlightuserdata(L, arg);
    status = lua_pcall(L, 1, 0, top + 1);
    leave(vm);
    if (status != LUA_OK || vm->trip != OD_TRIP_NONE)
        rc = fail(vm, status, err);
    lua_settop(L, top);
    return rc;
}

/* [-0, +0, m] arg 1: the coroutine that failed; 2: its error object. */
static int l_describe_failure(lua_State *L)
{
    l_describe_error(L, 2, lua_touserdata(L, 1), &od_vm_of(L)->error);
    return 0;
}

/* A coroutine has no message handler; but its stack stays as it was when it raised. */
static void describe_failure(struct od_vm *vm, lua_State *co, int status)
{
    lua_State *L = vm->L;

    od_vm_trace(co, &vm->trace);
    od_vm_origin(co, vm->error.origin, sizeof vm->error.origin);
    if (status == LUA_ERRMEM)
        return;
    lua_pushcfunction(L, l_describe_failure);
    lua_pushlightuserdata(L, co);
    lua_pushvalue(co, -1);
    lua_xmove(co, L, 1);
    if (lua_pcall(L, 2, 0, 0) != LUA_OK)
        lua_pop(L, 1);
}

int od_vm_resume(struct od_vm *vm, const struct od_vm_call *call, uint64_t scope, lua_State *co,
                 int nargs, int *status, int *nresults, struct od_buf *trace, struct od_err *err)
{
    enter(vm, call, scope, co);
    *status = lua_resume(co, vm->L, nargs, nresults);
    leave(vm);
    /* The count begins anew at each resume: without this a loop of short ones would be free. */
    vm->left -= vm->slice;
    if ((*status == LUA_OK || *status == LUA_YIELD) && vm->trip == OD_TRIP_NONE)
        return 0;
    if (vm->trip == OD_TRIP_NONE)
        describe_failure(vm, co, *status);
    if (trace)
        od_buf_append(trace, vm->trace.ptr, vm->trace.len);
    return fail(vm, *status, err);
}
