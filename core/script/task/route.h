#ifndef OD_SCRIPT_TASK_ROUTE_H
#define OD_SCRIPT_TASK_ROUTE_H

#include "script/task/thread.h"

/* Runs a route: gives it its request and reads its reply. */

#define OD_ROUTE_BODY_MAX (4 << 20)

struct od_route_call {
    const struct od_registration *route;
    const struct od_route_request *request; /* valid during the first resume only */
    struct od_route_reply reply;
    struct od_buf body; /* reply.body points here */
    struct od_arena *arena;
};

/* The body of a route's task. Its argument is an od_route_call. */
int l_run_route(lua_State *L);

#endif
