#include "script/vm/budget.h"

#include <inttypes.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "script/vm/error.h"
#include "script/vm/vm.h"

#define SLICE_BIG      50         /* instructions between two looks once there are big strings */
#define BIG_STRING     (16 << 10) /* bytes */
#define BIG_ALLOCATION 4096       /* bytes; copying blocks of this size and more is charged */
#define BLOCK_HEADER   64         /* bytes; a text is a block with Lua's header before it */

static void l_on_hook(lua_State *L, lua_Debug *ar);

static void set_hook(struct od_vm *vm, int count)
{
    lua_sethook(vm->running, l_on_hook, LUA_MASKCOUNT | (vm->on_line ? LUA_MASKLINE : 0), count);
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

void *od_vm_allocate(void *ctx, void *ptr, size_t old_size, size_t size)
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
        if (size > vm->limits.memory / OD_VM_TEXT_SHARE + BLOCK_HEADER ||
            vm->memory - old + size > vm->limits.memory)
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

static void describe_trip(struct od_vm *vm, struct od_err *e)
{
    if (vm->trip == OD_TRIP_CPU)
        snprintf(e->message, sizeof e->message, "ran for more than %" PRId64 " ms of CPU time",
                 vm->limits.cpu_us / 1000);
    else if (vm->context >= OD_VM_COMMAND &&
             vm->context <= OD_VM_TEST) /* of which this was but the last part */
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

/* Takes it from the budget. [-0, +0, v] */
static void l_spend(lua_State *L, double instructions)
{
    struct od_vm *vm = od_vm_of(L);

    if (instructions > (double)vm->left) {
        vm->left = -1;
        l_trip(L, OD_TRIP_INSTRUCTIONS);
    }
    vm->left -= (int64_t)instructions;
}

/* At the clock, and at what was left in the arena. [-0, +0, v] */
static void l_look(lua_State *L)
{
    struct od_vm *vm = od_vm_of(L);
    int64_t cpu = od_clock_thread_us();

    vm->unwatched = 0;
    if (vm->arena && vm->arena->used > vm->arena_end)
        l_trip(L, OD_TRIP_MEMORY);
    if (vm->deadline_us == 0)
        vm->deadline_us = cpu + vm->limits.cpu_us;
    else if (cpu > vm->deadline_us)
        l_trip(L, OD_TRIP_CPU);
}

static void l_on_hook(lua_State *L, lua_Debug *ar)
{
    struct od_vm *vm = od_vm_of(L);

    if (vm->trip != OD_TRIP_NONE)
        l_trip(L, vm->trip);
    if (ar->event == LUA_HOOKLINE) {
        vm->on_line(vm->on_line_ctx, L, ar);
        return;
    }
    l_spend(L, vm->slice);
    l_look(L);
}

void l_charge(lua_State *L, double instructions)
{
    struct od_vm *vm = od_vm_of(L);

    l_spend(L, instructions);
    vm->unwatched += instructions;
    if (vm->unwatched >= OD_VM_SLICE)
        l_look(L);
}

void od_vm_watch(struct od_vm *vm)
{
    set_hook(vm, vm->left >= vm->slice ? vm->slice : 1);
}

void l_rethrow_trip(lua_State *L, int status)
{
    struct od_vm *vm = od_vm_of(L);

    if (status == LUA_ERRMEM && vm->trip == OD_TRIP_NONE)
        l_trip(L, OD_TRIP_MEMORY);
    if (vm->trip != OD_TRIP_NONE)
        lua_error(L);
}
