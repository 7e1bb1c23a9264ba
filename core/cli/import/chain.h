#ifndef OD_CLI_IMPORT_CHAIN_H
#define OD_CLI_IMPORT_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "order/model/command.h"

/*
 * The life of one order as a chain of commands, in the order of their times as far as that is
 * possible: a parcel arrives after it was sent, whatever the clocks said. Each command keeps its
 * own time.
 */

struct od_chain_step {
    struct od_command *command;
    int64_t after;  /* its place in the chain: the latest of its own time and of what it follows */
    uint32_t index; /* as added: decides between equal times */
    const struct od_chain_step *of; /* UPDATE_SHIPMENT, UPDATE_RETURN: the step that sends the
                                 parcel, announces the return */
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

/* Adds a new command of that type, or `command` as it is but for at, actor and historical.
 * `follows` (NULL: nothing) must come before it. */
struct od_chain_step *od_chain_add(struct od_chain *c, enum od_command_type type, int64_t at,
                                   const struct od_chain_step *follows);
struct od_chain_step *od_chain_add_command(struct od_chain *c, struct od_command *command,
                                           int64_t at, const struct od_chain_step *follows);

/* As od_chain_add, for what ends the story: it comes after every step so far. */
struct od_chain_step *od_chain_add_last(struct od_chain *c, enum od_command_type type, int64_t at);

/* Sorts the steps, links their commands, numbers the shipments. Returns the first command. */
struct od_command *od_chain_link(struct od_chain *c);

#endif
