#ifndef OD_SCRIPT_VM_BINDING_H
#define OD_SCRIPT_VM_BINDING_H

#include <lua.h>

/* A function of the table `oms`. Each file lists those it has, and load/oms.c lists the files. */
struct l_binding {
    const char *name;       /* NULL at the end of a list */
    lua_CFunction function; /* NULL: set elsewhere (config, transaction) */
    unsigned capability;    /* the one it needs; 0: none */
};

#endif
