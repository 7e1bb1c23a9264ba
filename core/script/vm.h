#ifndef OD_SCRIPT_VM_H
#define OD_SCRIPT_VM_H

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/*
 * One Lua state with its limits. C enters it through od_vm_run alone, which sets the call's budget
 * and context, runs one C function protected, and afterwards invalidates every view that was handed
 * out. A call is cut short ("tripped") when it uses up its instructions, its CPU time or the
 * state's memory; no pcall of a script can catch that.
 */

/* What is running, as bits: a binding states in which contexts it may be called. */
enum od_vm_context {
    OD_VM_IDLE = 0,
    OD_VM_LOAD = 1 << 0,
    OD_VM_POLICY = 1 << 1,
    OD_VM_HOOK = 1 << 2,
};

enum od_vm_trip { OD_TRIP_NONE = 0, OD_TRIP_INSTRUCTIONS, OD_TRIP_CPU, OD_TRIP_MEMORY };

struct od_vm_limits {
    size_t memory;  /* bytes of the whole state; one value may have a sixteenth of it */
    int64_t cpu_us; /* thread CPU time of one call; a backstop, so that trips are repeatable */
    int64_t pattern_steps; /* worst case of one find, match, gmatch or gsub */
};

struct od_vm {
    lua_State *L;
    struct od_vm_limits limits;
    size_t memory; /* bytes in use */

    /* The call that runs. */
    enum od_vm_context context;
    enum od_vm_trip trip;
    int64_t instructions; /* its budget */
    int64_t left;         /* of it; work done in C is charged here too */
    int64_t deadline_us;  /* of thread CPU time; 0 until the first look at that clock */
    int64_t now_us;       /* what oms.now() answers */
    struct od_arena *arena;
    unsigned log_lines;
    uint64_t generation; /* views of other generations are dead */
    struct od_err error; /* filled where the error is raised, while the stack is still there */

    struct od_buf scratch; /* for bindings that build text; lives here because they may raise */
};

struct od_vm_call {
    enum od_vm_context context;
    int64_t instructions;
    int64_t now_us;
    struct od_arena *arena; /* what the call leaves behind for C */
};

/* An empty state without libraries. */
void od_vm_init(struct od_vm *vm, const struct od_vm_limits *limits);
void od_vm_fini(struct od_vm *vm); /* asserts that every byte came back */

/*
 * Calls f(arg) protected; f finds arg as light userdata at index 1 and leaves its results in *arg.
 * Errors are OD_ERR_SCRIPT with the script's file:line as origin where there is one; the state
 * stays usable. Not reentrant.
 */
int od_vm_run(struct od_vm *vm, const struct od_vm_call *call, lua_CFunction f, void *arg,
              struct od_err *err) OD_MUST_CHECK;

static inline struct od_vm *od_vm_of(lua_State *L)
{
    return *(struct od_vm **)lua_getextraspace(L);
}

/* Charges work that C does for a script; raises when the budget is used up. [-0, +0, v] */
void l_charge(lua_State *L, double instructions);
/* Raises unless the call's context is among `allowed`. [-0, +0, v] */
void l_require_context(lua_State *L, unsigned allowed, const char *binding);
/* For a pcall that caught `status`: raises again what no script may catch. [-0, +0, v] */
void l_rethrow_trip(lua_State *L, int status);

#endif
