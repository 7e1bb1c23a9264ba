#ifndef OD_SCRIPT_VM_BUDGET_H
#define OD_SCRIPT_VM_BUDGET_H

#include "script/vm/vm.h"

/* Counts what a call uses up and stops it at its limits: a part of vm.c. */

#define OD_VM_SLICE 1000 /* instructions between two looks at the budget */

/* A call may leave so many times the state's memory in its arena, because what C makes of a
 * script's tables (a command with its JSON) takes several times their room. */
#define OD_VM_ARENA_SHARE 4

/* One text or table may take so large a part of the state's memory. */
#define OD_VM_TEXT_SHARE 16

/* The state's lua_Alloc; ctx is the od_vm. Returns NULL beyond its memory, and Lua raises. */
void *od_vm_allocate(void *ctx, void *ptr, size_t old_size, size_t size);
/* Begins to count the instructions of vm->running. */
void od_vm_watch(struct od_vm *vm);

#endif
