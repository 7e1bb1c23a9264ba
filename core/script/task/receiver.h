#ifndef OD_SCRIPT_TASK_RECEIVER_H
#define OD_SCRIPT_TASK_RECEIVER_H

#include "script/task/thread.h"
#include "script/vm/binding.h"

/* Runs a receiver: gives it its message and reads what it makes of it. */

struct od_receiver_call {
    const struct od_registration *receiver;
    const struct od_message *message; /* valid during the first resume only */
    struct od_route_reply *reply;
    struct od_arena *arena;
};

/* The body of a receiver's task. Its argument is an od_receiver_call. */
int l_run_receiver(lua_State *L);

/* What tells a message from others until its receiver says better (oms.message_id): what its host
 * calls it, or the digest of its body. On the heap. */
char *od_receiver_own_id(const struct od_message *m);

/* Takes the id as the sender's for the message of this task. Raises when it cannot be one.
 * [-0, +0, v] */
void l_set_message_id(lua_State *L, struct od_str id, const char *what);

/* oms.message_id, oms.acknowledge, oms.park, oms.ignore, oms.reject */
extern const struct l_binding l_receiver_bindings[];

#endif
