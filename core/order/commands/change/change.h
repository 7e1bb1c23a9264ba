#ifndef OD_ORDER_COMMANDS_CHANGE_CHANGE_H
#define OD_ORDER_COMMANDS_CHANGE_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "order/amounts/totals.h"
#include "order/machine/moves.h"
#include "order/model/command.h"
#include "order/model/event.h"
#include "order/model/model.h"

/*
 * The terms of a change are what a proposal asked for, in minor units of the order's currency. They
 * are stored with the proposal as JSON and applied twice: first to say what the change would come
 * to, and again when it is confirmed, to the order as it is by then. Internal to this folder.
 */

struct od_change_line_terms {
    int32_t order_item_id;
    int32_t qty;                         /* 0: the line is removed */
    int64_t tax_amount, discount_amount; /* OD_AMOUNT_UNSET: they follow the quantity */
};

struct od_change_terms {
    struct od_change_line_terms *lines; /* [line_count], each line at most once */
    uint32_t line_count;
    struct od_item *add; /* [add_count] new lines with settled amounts, not yet numbered */
    uint32_t add_count;
    struct od_address addresses[2];
    bool has_address[2]; /* addresses[i] replaces the order's, present or not */
    /* OD_AMOUNT_UNSET: it stays as it is, or follows from the rest. */
    int64_t shipping_fee_excl_tax, shipping_fee_incl_tax, discount_amount, tax_amount;
};

/*
 * Writes {"lines": [{"order_item_id", "qty", "tax_amount", "discount_amount"}], "add": [{an item's
 * input fields}], "shipping_address": {…} | null, "billing_address", "shipping_fee_excl_tax",
 * "shipping_fee_incl_tax", "discount_amount", "tax_amount"}, with the names and units of the
 * ledger. Unset members are left out. The text lives in the arena.
 */
struct od_str od_change_encode(const struct od_change_terms *t, struct od_arena *a);
/* Reads such a text. Strings may borrow from it. */
int od_change_decode(struct od_str text, struct od_arena *a, struct od_change_terms *out,
                     struct od_err *err) OD_MUST_CHECK;

/*
 * Returns the order as it would be: a clone with new lines and totals, which add up as those of a
 * placed order do. A line's discount and tax go with its quantity and are cut to the minor unit;
 * the order's follow those of the lines. A shipping fee that is left out follows the other one in
 * proportion. The order must have every line that the terms name. NULL: totals do not add up; each
 * problem's pointer is into the proposal's body.
 */
struct od_order *od_change_apply(const struct od_order *o, const struct od_change_terms *t,
                                 struct od_arena *a, struct od_problem_list *problems);

/* Returns what differs in `after`: header totals, addresses, and whole lines in values->items. */
struct od_patch *od_change_patch(const struct od_order *before, const struct od_order *after,
                                 struct od_arena *a);
bool od_change_is_empty(const struct od_patch *p);
/* event.c: folds such a patch, with the errors of od_fold. The totals must add up afterwards. */
int od_change_fold_values(struct od_order *o, const struct od_patch *p, struct od_arena *a,
                          struct od_err *err) OD_MUST_CHECK;

struct od_reader;
struct od_path;
extern const struct od_shape od_shape_change;
void od_change_body(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                    struct od_command *out);

/* read.c has these parts of deciding a change. Each refuses as the od_step_ functions do. */
struct od_step;
/* Reads the body, whose amounts are in the order's currency. */
int od_change_read(struct od_step *step, const struct od_change_request *asked,
                   struct od_change_terms *t) OD_MUST_CHECK;
/* Checks that the order has the lines, that each is named once, and that each keeps its cancelled
 * and refunded units. */
int od_change_check(struct od_step *step, const struct od_change_terms *t) OD_MUST_CHECK;
/* Refuses as INVALID with the first of the problems. */
int od_change_refuse(struct od_step *step, const struct od_problem_list *problems);

/* tries.c */
struct od_action_list;
void od_propose_change_actions(struct od_action_list *l);
void od_propose_change_moves(struct od_moves *m);
extern const struct od_move_name od_propose_change_move_names[];
unsigned od_propose_change_odd(const struct od_order *o);
void od_confirm_change_actions(struct od_action_list *l);
void od_confirm_change_moves(struct od_moves *m);
extern const struct od_move_name od_confirm_change_move_names[];
void od_discard_change_actions(struct od_action_list *l);
void od_discard_change_moves(struct od_moves *m);
extern const struct od_move_name od_discard_change_move_names[];

#endif
