#ifndef OD_SCRIPT_VM_BUDGET_H
#define OD_SCRIPT_VM_BUDGET_H

#include "script/vm/vm.h"

/* What a call may use up, and how it is stopped when it does: a part of vm.c. */

#define OD_VM_SLICE 1000 /* instructions between two looks at the budget */

/* A call may leave this many times the state's memory in its arena: what C makes of a script's
 * tables (a command with its JSON) takes several times their room. */
#define OD_VM_ARENA_SHARE 4

/* lua_Alloc; ctx is the od_vm. NULL beyond its memory, which raises. */
void *od_vm_allocate(void *ctx, void *ptr, size_t old_size, size_t size);
/* Begins to count the instructions of vm->running. */
void od_vm_watch(struct od_vm *vm);

#endif
