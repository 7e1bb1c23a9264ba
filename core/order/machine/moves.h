#ifndef OD_ORDER_MACHINE_MOVES_H
#define OD_ORDER_MACHINE_MOVES_H

#include "order/model/command.h"
#include "order/model/status.h"

/*
 * The moves of a walk through all states that commands reach (rules/trial/walk). A move is a
 * command with its simplest arguments. The rows of the commands list them.
 */

/* The kinds of unusual events, as far as an order shows them. */
enum od_odd {
    OD_ODD_UNITS_CANCELED = 1 << 0,
    OD_ODD_AFTER_CANCEL = 1 << 1, /* units left although they were cancelled */
    OD_ODD_REFUNDED = 1 << 2,
    OD_ODD_CHARGED_BACK = 1 << 3,
    OD_ODD_OVERPAID = 1 << 4,
    OD_ODD_RETURNED = 1 << 5, /* or a return is announced */
    OD_ODD_CHANGED = 1 << 6,  /* or a change is proposed */
    OD_ODD_INVOICED = 1 << 7,
    OD_ODD_HELD = 1 << 8,
    OD_ODD_PAYMENT_SET = 1 << 9, /* by hand, and no rule has answered otherwise since */
    OD_ODD_SHIPMENT_SET = 1 << 10,
    /* The order itself does not show that it was split; it only has fewer units. */
    OD_ODD_SPLIT = 1 << 11,
};

/* The name of a move in the report. */
struct od_move_name {
    char letter; /* in the table of states; a to z has a capital; none twice */
    const char *name;
};

struct od_move {
    uint32_t command;    /* the index of its name among all names */
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
    bool whole;   /* list every move, the unusual ones as well */
    unsigned odd; /* the bits of the state */

    /* The row whose moves are listed, and the index of its first name among all names. */
    enum od_command_type type;
    uint32_t first;

    struct od_move *list;
    size_t count, cap;
};

/* Adds a command of the row under the row's name number `name`. */
struct od_command *od_moves_add(struct od_moves *m, uint32_t name, struct od_str label);
/* Whether moves that make the order odd in these ways should be tried. */
bool od_moves_may(const struct od_moves *m, unsigned odd);
/* Whether a path may hold all of these: at most two kinds, and a status that was set by hand only
 * together with holds. */
bool od_moves_are_usual(unsigned odd);

/* Counts the units of an item that are of some kind. */
typedef int32_t od_counted(const struct od_item *it);
int32_t od_units_open(const struct od_item *it);
int32_t od_units_canceled(const struct od_item *it);
int32_t od_units_out(const struct od_item *it); /* with the customer */
int32_t od_units_sum(const struct od_order *o, od_counted *of);
/* Returns all such units of each item, or one unit of the first item that has any, in the arena. */
struct od_units *od_moves_pick(const struct od_moves *m, od_counted *of, bool all, uint32_t *count);
/* Counts the parcels that were not cancelled. */
uint32_t od_moves_parcels(const struct od_order *o);

#endif
