#include "script/vm.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SLICE          1000 /* instructions between two looks at the budget */
#define BIG_ALLOCATION 4096 /* bytes; copying blocks of this size and more is charged */
#define SCRATCH_MAX    (64 << 10)

static void l_on_count(lua_State *L, lua_Debug *ar);

/*
 * Copying big strings costs time that no count hook sees (a concatenation is one instruction). The
 * allocator cannot raise, but it can ask for the hook at the next instruction; lua_sethook is safe
 * to call at any point (Lua manual, lua_sethook and lua.c's signal handler).
 */
static void charge_allocation(struct od_vm *vm, size_t size)
{
    vm->left -= (int64_t)(size / 64);
    if (vm->left < 0 && vm->L)
        lua_sethook(vm->L, l_on_count, LUA_MASKCOUNT, 1);
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

/* Copies with control characters made blanks, so that a message is one line whatever it quotes. */
static void copy_line(char *out, size_t size, const char *text, size_t len)
{
    size_t n = len < size ? len : size - 1;

    for (size_t i = 0; i < n; i++)
        out[i] = iscntrl((unsigned char)text[i]) ? ' ' : text[i];
    out[n] = '\0';
}

/* Where the innermost running Lua function is, as "plugin/file.lua:line". Allocates nothing. */
static void find_origin(lua_State *L, char *out, size_t size)
{
    lua_Debug ar;

    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline > 0) {
            snprintf(out, size, "%s:%d", ar.short_src, ar.currentline);
            return;
        }
    }
}

/* Length of the "plugin/file.lua:12: " before a message, 0 when there is none. */
static size_t position_prefix(const char *text, size_t len)
{
    size_t scan = len < LUA_IDSIZE ? len : LUA_IDSIZE;
    const char *colon = memmem(text, scan, ".lua:", 5);
    size_t i;

    if (!colon)
        return 0;
    i = (size_t)(colon - text) + 5;
    while (i < len && isdigit((unsigned char)text[i]))
        i++;
    return i + 1 < len && text[i] == ':' && text[i + 1] == ' ' ? i + 2 : 0;
}

/* Message handler: keeps origin and message while the stack still shows them. [-0, +0, -] */
static int l_on_error(lua_State *L)
{
    struct od_vm *vm = od_vm_of(L);
    struct od_err *e = &vm->error;
    size_t len, prefix;
    const char *text;

    if (vm->trip != OD_TRIP_NONE)
        return 1;
    e->origin[0] = '\0';
    if (lua_type(L, 1) != LUA_TSTRING) {
        snprintf(e->message, sizeof e->message, "the error object is a %s value, not a message",
                 luaL_typename(L, 1));
        find_origin(L, e->origin, sizeof e->origin);
        return 1;
    }
    text = lua_tolstring(L, 1, &len);
    prefix = position_prefix(text, len);
    if (prefix > 0)
        copy_line(e->origin, sizeof e->origin, text, prefix - 2);
    else
        find_origin(L, e->origin, sizeof e->origin);
    copy_line(e->message, sizeof e->message, text + prefix, len - prefix);
    return 1;
}

/* Ends the call: from here on every instruction raises, so that no pcall can go on. [-0, +0, v] */
static int l_trip(lua_State *L, enum od_vm_trip trip)
{
    struct od_vm *vm = od_vm_of(L);
    struct od_err *e = &vm->error;

    if (vm->trip == OD_TRIP_NONE) {
        vm->trip = trip;
        e->origin[0] = '\0';
        find_origin(L, e->origin, sizeof e->origin);
        if (trip == OD_TRIP_INSTRUCTIONS)
            snprintf(e->message, sizeof e->message,
                     "used up its budget of %" PRId64 " instructions (an endless loop?)",
                     vm->instructions);
        else if (trip == OD_TRIP_CPU)
            snprintf(e->message, sizeof e->message, "ran for more than %" PRId64 " ms of CPU time",
                     vm->limits.cpu_us / 1000);
    }
    lua_sethook(L, l_on_count, LUA_MASKCOUNT, 1);
    return luaL_error(L, "the call was stopped");
}

static void l_on_count(lua_State *L, lua_Debug *ar)
{
    struct od_vm *vm = od_vm_of(L);
    int64_t cpu;

    (void)ar;
    if (vm->trip != OD_TRIP_NONE)
        l_trip(L, vm->trip);
    l_charge(L, SLICE);
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

void l_require_context(lua_State *L, unsigned allowed, const char *binding)
{
    static const char *const where[] = {
        [OD_VM_LOAD] = "while a file loads",
        [OD_VM_POLICY] = "inside a policy",
        [OD_VM_HOOK] = "inside a hook",
    };
    enum od_vm_context context = od_vm_of(L)->context;

    if (!(context & allowed))
        luaL_error(L, "%s cannot be called %s", binding, where[context]);
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
    *vm = (struct od_vm){.limits = *limits, .left = INT64_MAX};
    od_buf_init(&vm->scratch, SCRATCH_MAX);
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
    od_buf_fini(&vm->scratch);
    vm->L = NULL;
}

static int fail(struct od_vm *vm, int status, struct od_err *err)
{
    if (status == LUA_ERRMEM || vm->trip == OD_TRIP_MEMORY) {
        lua_gc(vm->L, LUA_GCCOLLECT);
        return od_err_set_at(err, OD_ERR_SCRIPT, vm->trip ? vm->error.origin : "",
                             "ran out of memory (%zu bytes for all rules, %zu for one value)",
                             vm->limits.memory, vm->limits.memory / 16);
    }
    return od_err_set_at(err, OD_ERR_SCRIPT, vm->error.origin, "%s", vm->error.message);
}

int od_vm_run(struct od_vm *vm, const struct od_vm_call *call, lua_CFunction f, void *arg,
              struct od_err *err)
{
    lua_State *L = vm->L;
    int top = lua_gettop(L), status, rc = 0;

    assert(vm->context == OD_VM_IDLE);
    vm->context = call->context;
    vm->trip = OD_TRIP_NONE;
    vm->instructions = vm->left = call->instructions;
    vm->deadline_us = 0;
    vm->now_us = call->now_us;
    vm->arena = call->arena;
    vm->log_lines = 0;

    lua_sethook(L, l_on_count, LUA_MASKCOUNT, SLICE);
    lua_pushcfunction(L, l_on_error);
    lua_pushcfunction(L, f);
    lua_pushlightuserdata(L, arg);
    status = lua_pcall(L, 1, 0, top + 1);
    vm->context = OD_VM_IDLE;
    vm->generation++;
    if (status != LUA_OK || vm->trip != OD_TRIP_NONE) {
        if (status == LUA_ERRERR && vm->trip == OD_TRIP_NONE && vm->error.message[0] == '\0')
            snprintf(vm->error.message, sizeof vm->error.message,
                     "an error while handling an error");
        rc = fail(vm, status, err);
        lua_settop(L, top + 1);
        vm->error.message[0] = '\0';
    }
    lua_settop(L, -2);
    assert(lua_gettop(L) == top);
    return rc;
}
