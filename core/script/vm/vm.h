#ifndef OD_SCRIPT_VM_VM_H
#define OD_SCRIPT_VM_VM_H

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/*
 * One Lua state, a plugin's, with its limits. C enters it through od_vm_run and od_vm_resume alone,
 * which set the call's budget, context and scope, and run Lua protected. A view that was handed out
 * belongs to the scope it was made in and is dead in every other. A call is cut short ("tripped")
 * when it uses up its instructions, its CPU time or the state's memory; no pcall of a script can
 * catch that.
 */

/* The kinds of calls, as bits: a binding states in which of them it may be called. */
enum od_vm_context {
    OD_VM_IDLE = 0,
    OD_VM_LOAD = 1 << 0,
    OD_VM_POLICY = 1 << 1,
    OD_VM_HOOK = 1 << 2,
    /* Coroutines, which yield to have a command decided or a query answered. */
    OD_VM_COMMAND = 1 << 3,
    OD_VM_ROUTE = 1 << 4,
    OD_VM_JOB = 1 << 5,
    OD_VM_TEST = 1 << 6,
    /* A plain call again. */
    OD_VM_TEMPLATE = 1 << 7,
    OD_VM_RECEIVER = 1 << 8, /* a coroutine */
};

enum od_vm_trip { OD_TRIP_NONE = 0, OD_TRIP_INSTRUCTIONS, OD_TRIP_CPU, OD_TRIP_MEMORY };

struct od_vm_limits {
    size_t memory;  /* bytes of the whole state; one value may take a sixteenth of it */
    int64_t cpu_us; /* thread CPU time of one call; instructions end a call first, so that it ends
                       alike everywhere */
    int64_t pattern_steps; /* the worst case of one find, match, gmatch or gsub */
};

struct od_vm {
    lua_State *L;
    struct od_vm_limits limits;
    size_t memory; /* bytes in use */

    int slice; /* instructions between two looks at the budget */
    /* Called when a line of a script is about to run; NULL: nobody wants to know. */
    void (*on_line)(void *ctx, lua_State *L, lua_Debug *ar);
    void *on_line_ctx;
    /* Memory for bindings. It lives here because they may raise. Whoever uses it resets it first.
     */
    struct od_buf scratch; /* for text */
    struct od_arena work;

    /* The call that runs. */
    lua_State *running; /* the thread the hook belongs to */
    enum od_vm_context context;
    enum od_vm_trip trip;
    int64_t instructions; /* its budget */
    int64_t left;         /* what is left of it; work done in C is charged here, too */
    double unwatched;     /* what C has charged since the last look at the clock */
    int64_t deadline_us;  /* in thread CPU time; 0 until the first look at that clock */
    int64_t now_us;       /* what oms.now() answers */
    struct od_arena *arena;
    size_t arena_end; /* the call ran out of memory when it uses more of the arena than this */
    unsigned log_lines;
    int includes;         /* how deep templates include one another now */
    uint64_t scope;       /* the scope of the call; views made in another are dead */
    uint64_t scopes;      /* how many scopes were handed out so far */
    struct od_task *task; /* the coroutine that runs (task/task.h); NULL in a plain call */
    /* Both are filled where the error is raised, while the stack is still there. */
    struct od_err error;
    struct od_buf trace; /* a line for each Lua function, innermost first */
};

struct od_vm_call {
    enum od_vm_context context;
    int64_t instructions;
    int64_t now_us;
    struct od_arena
        *arena; /* takes what the call leaves behind for C, at most four times limits.memory */
};

/* Makes an empty state without libraries. */
void od_vm_init(struct od_vm *vm, const struct od_vm_limits *limits);
void od_vm_fini(struct od_vm *vm); /* asserts that every byte came back */

/*
 * Calls f(arg) protected; f finds arg as light userdata at index 1 and leaves its results in *arg.
 * Errors are OD_ERR_SCRIPT with the script's file:line as origin where there is one; the state
 * stays usable. Not reentrant.
 */
int od_vm_run(struct od_vm *vm, const struct od_vm_call *call, lua_CFunction f, void *arg,
              struct od_err *err) OD_MUST_CHECK;

/* Returns the functions that were running when the last call failed, on one line for the log:
 * "file:line: in function 'name'; …". It is good until the next call. */
struct od_str od_vm_trace_line(struct od_vm *vm);

/* Returns a scope that nothing was made in yet, for a coroutine that lives over several resumes. */
uint64_t od_vm_new_scope(struct od_vm *vm);

/*
 * Starts a coroutine or goes on with it. Its function (the first time) and `nargs` arguments are on
 * its stack. Views are made in `scope` and alive in it. call->instructions is what the coroutine
 * has left; vm->left is what it has left afterwards. *status becomes LUA_OK or LUA_YIELD, with
 * *nresults values on its stack. When it raises, this returns -1, err is filled as by od_vm_run,
 * `trace` (unless NULL) gets "file:line: in function …" lines without C's frames, and the error
 * object is at the top of its stack. Policies of this state may be asked while it is suspended.
 */
int od_vm_resume(struct od_vm *vm, const struct od_vm_call *call, uint64_t scope, lua_State *co,
                 int nargs, int *status, int *nresults, struct od_buf *trace,
                 struct od_err *err) OD_MUST_CHECK;

static inline struct od_vm *od_vm_of(lua_State *L)
{
    return *(struct od_vm **)lua_getextraspace(L);
}

/* Charges work that C does for a script. Raises when the budget is used up. [-0, +0, v] */
void l_charge(lua_State *L, double instructions);
/* Raises unless the call's context is among `allowed`. [-0, +0, v] */
void l_require_context(lua_State *L, unsigned allowed, const char *binding);
/* Raises again what no script may catch, after a pcall that caught `status`. [-0, +0, v] */
void l_rethrow_trip(lua_State *L, int status);

#endif
