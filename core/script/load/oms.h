#ifndef OD_SCRIPT_LOAD_OMS_H
#define OD_SCRIPT_LOAD_OMS_H

#include <lua.h>

struct od_bundle_source;

/* The table `oms`: everything a script can say. */

/* Sets global `oms` of the environment at the top. [-0, +0, v] */
void l_oms_open(lua_State *L, const struct od_bundle_source *source);
/* Registers the metatables and tables of its functions; once per state. [-0, +0, v] */
void l_oms_prepare(lua_State *L);

/* A name of `oms`. */
struct od_oms_name {
    const char *name;
    lua_CFunction function; /* NULL: set elsewhere (config, transaction) */
    unsigned capability;    /* the one it needs; 0: none */
};
extern const struct od_oms_name od_oms_names[]; /* name NULL at the end */

#endif
