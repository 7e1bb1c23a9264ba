#ifndef OD_CLI_IMPORT_CHAIN_H
#define OD_CLI_IMPORT_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "order/model/command.h"

/*
 * Makes the life of one order a chain of commands. They are in the order of their times, as far as
 * that is possible: a parcel arrives after it was sent, whatever the clocks said. Each command
 * keeps its own time.
 */

struct od_chain_step {
    struct od_command *command;
    /* Its place in the chain: the later of its own time and the place of the step that it
     * follows. */
    int64_t after;
    uint32_t index; /* the order of adding, which decides between equal times */
    /* The step that it follows: for a parcel that arrives, the one that sends it. */
    const struct od_chain_step *of;
    int32_t number; /* of the part that it makes; set by od_chain_link */
};

struct od_chain {
    struct od_arena *arena;
    struct od_str actor;
    bool historical;
    struct od_chain_step **steps;
    size_t count, cap;
    int64_t last; /* the latest `after` so far */
};

void od_chain_init(struct od_chain *c, struct od_arena *a, struct od_str actor, bool historical);

/* Adds a step with a new command of that type, or with `command`, whose at, actor and historical
 * are set. The step comes after `follows` (NULL: any place). */
struct od_chain_step *od_chain_add(struct od_chain *c, enum od_command_type type, int64_t at,
                                   const struct od_chain_step *follows);
struct od_chain_step *od_chain_add_command(struct od_chain *c, struct od_command *command,
                                           int64_t at, const struct od_chain_step *follows);

/* Adds a step that ends the story. It comes after every step so far. */
struct od_chain_step *od_chain_add_last(struct od_chain *c, enum od_command_type type, int64_t at);

/* Sorts the steps, links their commands, and numbers the parts that they make and change. Returns
 * the first command. */
struct od_command *od_chain_link(struct od_chain *c);

#endif
