#ifndef OD_ORDER_MACHINE_MOVES_H
#define OD_ORDER_MACHINE_MOVES_H

#include "order/model/command.h"
#include "order/model/status.h"

/*
 * The moves of a walk through all states that commands reach (rules/trial/walk): in a state, each
 * command at its simplest. They are listed by the rows of the commands.
 */

/* Kinds of what is out of the ordinary, as an order shows them. */
enum od_odd {
    OD_ODD_UNITS_CANCELED = 1 << 0,
    OD_ODD_AFTER_CANCEL = 1 << 1, /* units left although they were cancelled */
    OD_ODD_REFUNDED = 1 << 2,
    OD_ODD_CHARGED_BACK = 1 << 3,
    OD_ODD_OVERPAID = 1 << 4,
    OD_ODD_RETURNED = 1 << 5, /* or announced to come back */
    OD_ODD_CHANGED = 1 << 6,  /* or proposed to be */
    OD_ODD_INVOICED = 1 << 7,
    OD_ODD_HELD = 1 << 8,
    OD_ODD_PAYMENT_SET = 1 << 9, /* by hand, and no rule has answered another one since */
    OD_ODD_SHIPMENT_SET = 1 << 10,
    OD_ODD_SPLIT =
        1 << 11, /* of which the order shows nothing afterwards: it only has fewer units */
};

/* What a move is called in the report. */
struct od_move_name {
    char letter; /* in its table: a to z has a capital; none twice */
    const char *name;
};

struct od_move {
    uint32_t command;    /* which of all names it goes by */
    struct od_str label; /* "capture part" */
    unsigned by_hand;    /* OD_ODD_PAYMENT_SET or OD_ODD_SHIPMENT_SET: it sets a status */
    struct od_command c;
};

struct od_moves {
    const struct od_order *o;
    const struct od_status_sets *statuses;
    const struct od_str *composites;
    uint32_t composite_count;
    struct od_arena *arena;
    bool whole;   /* every move, also those that are out of the ordinary */
    unsigned odd; /* the state's own */

    /* Of the row whose moves are listed, and which of all names its first one is. */
    enum od_command_type type;
    uint32_t first;

    struct od_move *list;
    size_t count, cap;
};

/* Adds a command of the row, by its name-th name. */
struct od_command *od_moves_add(struct od_moves *m, uint32_t name, struct od_str label);
/* Whether moves that make the order odd in these ways are among those to be tried. */
bool od_moves_may(const struct od_moves *m, unsigned odd);
/* Not more than a life has: two kinds; what was set by hand meets holds alone. */
bool od_moves_are_usual(unsigned odd);

/* How many of an item's units are of a kind. */
typedef int32_t od_counted(const struct od_item *it);
int32_t od_units_open(const struct od_item *it);
int32_t od_units_canceled(const struct od_item *it);
int32_t od_units_out(const struct od_item *it); /* with the customer */
int32_t od_units_sum(const struct od_order *o, od_counted *of);
/* All such units of each item, or one of the first that has any; in the arena. */
struct od_units *od_moves_pick(const struct od_moves *m, od_counted *of, bool all, uint32_t *count);
/* Parcels that were not cancelled. */
uint32_t od_moves_parcels(const struct od_order *o);

#endif
