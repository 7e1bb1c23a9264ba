#include "script/vm.h"

#include <assert.h>
#include <inttypes.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "script/coverage.h"
#include "script/vm_error.h"

#define SLICE          1000       /* instructions between two looks at the budget */
#define SLICE_BIG      50         /* the same once there are big strings */
#define BIG_STRING     (16 << 10) /* bytes */
#define BIG_ALLOCATION 4096       /* bytes; copying blocks of this size and more is charged */
#define SCRATCH_MAX    (64 << 10)
#define TRACE_MAX      4096

static void l_on_hook(lua_State *L, lua_Debug *ar);

static void set_hook(struct od_vm *vm, int count)
{
    lua_sethook(vm->running, l_on_hook, LUA_MASKCOUNT | (vm->coverage ? LUA_MASKLINE : 0), count);
}

/*
 * Copying big strings costs time that no count hook sees (a concatenation is one instruction). The
 * allocator cannot raise, but it can ask for the hook at the next instruction; lua_sethook is safe
 * to call at any point (Lua manual, lua_sethook and lua.c's signal handler).
 */
static void charge_allocation(struct od_vm *vm, size_t size)
{
    vm->left -= (int64_t)(size / 64);
    if (vm->left < 0 && vm->running)
        set_hook(vm, 1);
}

/* Comparing two big strings is one instruction as well (some 5 ms for 1 MiB of NULs): from the
 * first one on, the clock is looked at more often. */
static void note_big_string(struct od_vm *vm)
{
    if (vm->slice == SLICE_BIG)
        return;
    vm->slice = SLICE_BIG;
    if (vm->running && vm->trip == OD_TRIP_NONE && vm->left >= 0)
        set_hook(vm, SLICE_BIG);
}

static void *allocate(void *ctx, void *ptr, size_t old_size, size_t size)
{
    struct od_vm *vm = ctx;
    size_t old = ptr ? old_size : 0; /* for new blocks Lua passes a type there */
    void *block;

    if (size == 0) {
        vm->memory -= old;
        free(ptr);
        return NULL;
    }
    if (size > old) {
        if (size > vm->limits.memory / 16 || vm->memory - old + size > vm->limits.memory)
            return NULL;
        if (size >= BIG_ALLOCATION)
            charge_allocation(vm, size);
        if (size >= BIG_STRING && !ptr && old_size == LUA_TSTRING)
            note_big_string(vm);
    }
    block = realloc(ptr, size);
    if (!block)
        abort();
    vm->memory += size - old;
    return block;
}

static int64_t thread_cpu_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

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

static void describe_trip(struct od_vm *vm, struct od_err *e)
{
    if (vm->trip == OD_TRIP_CPU)
        snprintf(e->message, sizeof e->message, "ran for more than %" PRId64 " ms of CPU time",
                 vm->limits.cpu_us / 1000);
    else if (vm->context >= OD_VM_COMMAND) /* of which this was but the last part */
        snprintf(e->message, sizeof e->message,
                 "used up its budget of instructions (an endless loop?)");
    else
        snprintf(e->message, sizeof e->message,
                 "used up its budget of %" PRId64 " instructions (an endless loop?)",
                 vm->instructions);
}

/* Ends the call: from here on every instruction raises, so that no pcall can go on. [-0, +0, v] */
static int l_trip(lua_State *L, enum od_vm_trip trip)
{
    struct od_vm *vm = od_vm_of(L);

    if (vm->trip == OD_TRIP_NONE) {
        vm->trip = trip;
        vm->error.origin[0] = '\0';
        od_vm_origin(L, vm->error.origin, sizeof vm->error.origin);
        od_vm_trace(L, &vm->trace);
        describe_trip(vm, &vm->error);
    }
    set_hook(vm, 1);
    return luaL_error(L, "the call was stopped");
}

static void l_on_hook(lua_State *L, lua_Debug *ar)
{
    struct od_vm *vm = od_vm_of(L);
    int64_t cpu;

    if (vm->trip != OD_TRIP_NONE)
        l_trip(L, vm->trip);
    if (ar->event == LUA_HOOKLINE) {
        od_coverage_hit(vm->coverage, ar->currentline);
        return;
    }
    l_charge(L, vm->slice);
    cpu = thread_cpu_us();
    if (vm->deadline_us == 0)
        vm->deadline_us = cpu + vm->limits.cpu_us;
    else if (cpu > vm->deadline_us)
        l_trip(L, OD_TRIP_CPU);
}

void l_charge(lua_State *L, double instructions)
{
    struct od_vm *vm = od_vm_of(L);

    if (instructions > (double)vm->left) {
        vm->left = -1;
        l_trip(L, OD_TRIP_INSTRUCTIONS);
    }
    vm->left -= (int64_t)instructions;
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
    case OD_VM_TEST:
        return "inside a test";
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

void l_rethrow_trip(lua_State *L, int status)
{
    struct od_vm *vm = od_vm_of(L);

    if (status == LUA_ERRMEM && vm->trip == OD_TRIP_NONE)
        l_trip(L, OD_TRIP_MEMORY);
    if (vm->trip != OD_TRIP_NONE)
        lua_error(L);
}

static int on_panic(lua_State *L)
{
    fprintf(stderr, "orderd: Lua error outside of od_vm_run: %s\n", lua_tostring(L, -1));
    return 0;
}

void od_vm_init(struct od_vm *vm, const struct od_vm_limits *limits)
{
    *vm = (struct od_vm){.limits = *limits, .left = INT64_MAX, .slice = SLICE};
    od_buf_init(&vm->scratch, SCRATCH_MAX);
    od_buf_init(&vm->trace, TRACE_MAX);
    od_arena_init(&vm->work);
    vm->L = lua_newstate(allocate, vm);
    if (!vm->L)
        abort();
    *(struct od_vm **)lua_getextraspace(vm->L) = vm;
    lua_atpanic(vm->L, on_panic);
}

void od_vm_fini(struct od_vm *vm)
{
    assert(vm->context == OD_VM_IDLE);
    lua_close(vm->L);
    assert(vm->memory == 0);
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
    assert(vm->context == OD_VM_IDLE);
    vm->context = call->context;
    vm->trip = OD_TRIP_NONE;
    vm->instructions = vm->left = call->instructions;
    vm->deadline_us = 0;
    vm->now_us = call->now_us;
    vm->arena = call->arena;
    vm->log_lines = 0;
    vm->scope = scope;
    vm->error.origin[0] = vm->error.message[0] = '\0';
    vm->running = thread;
    set_hook(vm, vm->left >= vm->slice ? vm->slice : 1);
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
                             vm->limits.memory, vm->limits.memory / 16);
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
