#ifndef OD_FEED_HOOK_COMMAND_H
#define OD_FEED_HOOK_COMMAND_H

#include "feed/feed.h"

/*
 * Runs a command that a hook asks for through the engine. It takes effect once, under the key of
 * its delivery, with the actor "hook:<label>". It is for od_feed_conf.command; engine is a struct
 * od_engine.
 */
void od_hook_command(void *engine, const struct od_feed_command *c,
                     void (*done)(void *done_ctx, enum od_feed_outcome outcome, struct od_str why),
                     void *done_ctx);

#endif
