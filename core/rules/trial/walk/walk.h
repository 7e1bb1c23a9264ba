#ifndef OD_RULES_TRIAL_WALK_WALK_H
#define OD_RULES_TRIAL_WALK_WALK_H

#include "order/machine/decide.h"
#include "rules/trial/walk/model_check.h"

/*
 * What the files of the model check share: the check itself, its watch over the policies, and the
 * states that commands reach. Internal to this folder.
 */

/* The commands of the walk; composites follow. What `report->commands` and its bits number. */
enum od_model_command {
    OD_MODEL_AUTHORIZE = 0,
    OD_MODEL_CAPTURE,
    OD_MODEL_VOID,
    OD_MODEL_FAIL,
    OD_MODEL_REFUND,
    OD_MODEL_CHARGE_BACK,
    OD_MODEL_INVOICE,
    OD_MODEL_CREDIT,
    OD_MODEL_SET_PAYMENT,
    OD_MODEL_SHIP,
    OD_MODEL_HAND_OVER,
    OD_MODEL_DELIVER,
    OD_MODEL_CANCEL_PARCEL,
    OD_MODEL_MOVE_PARCEL,
    OD_MODEL_SET_SHIPMENT,
    OD_MODEL_ANNOUNCE_RETURN,
    OD_MODEL_ANSWER_RETURN,
    OD_MODEL_RECEIVE,
    OD_MODEL_EXCHANGE,
    OD_MODEL_PROPOSE,
    OD_MODEL_CONFIRM,
    OD_MODEL_DISCARD,
    OD_MODEL_HOLD,
    OD_MODEL_RELEASE,
    OD_MODEL_CANCEL_UNITS,
    OD_MODEL_CANCEL,
    OD_MODEL_COMPOSITE,
    OD_MODEL_COMMANDS_MAX = 64, /* bits of a row */
};

struct od_model;

/* A state that commands reached, one of those that count as equal. */
struct od_model_state {
    struct od_order *order;
    const struct od_model_state *parent; /* NULL: just placed */
    struct od_str move;                  /* what led here from the parent, as a path says it */
    uint32_t index;
    uint64_t allowed; /* bits of enum od_model_command */
    unsigned odd;     /* enum od_model_odd */
    bool expanded;
    bool whole;           /* expanded with every move, also those that are out of the ordinary */
    bool changes;         /* some command leads to another status */
    bool cut;             /* some command leads to a state beyond max_states */
    bool hopeful;         /* a way leads to cancelled or completed, or may lead there */
    bool far;             /* and with all states that these lead to */
    bool stuck;           /* no way leads there, and it is the first of its order status */
    uint32_t edge;        /* the last that begins here: its index + 1; 0: none does */
    uint32_t looked_from; /* od_model_walk.looks */
};

/*
 * What tells states apart: statuses, holds, how many of the units (none, some, all) and how much of
 * the amounts (none, part, all, more), open parcels, returns and changes; what is over (parcels
 * of the past, returns that were rejected), which item it is, times and texts do not.
 */
struct od_model_key {
    uint8_t bytes[96];
    size_t len;
};
/* The bytes, which live in *k. */
struct od_str od_model_key(const struct od_model *m, const struct od_order *o, unsigned odd,
                           struct od_model_key *k);
/* A copy of a snapshot whose texts and lists live with it. */
struct od_order *od_model_keep(struct od_arena *a, const struct od_order *o);

struct od_model_note {
    struct od_finding finding;
    uint32_t last; /* od_model.looking_at when it was last counted */
};

struct od_model {
    const struct od_policies *inner; /* those that are checked */
    struct od_policies watched;      /* the same; answers are counted, failures become findings */
    const struct od_status_sets *statuses;
    const struct od_str *composites;
    uint32_t composite_count;
    uint32_t max_states;
    int64_t deadline_us;     /* on the thread's clock of processor time */
    struct od_arena *arena;  /* the report's */
    struct od_arena working; /* states */
    struct od_arena scratch; /* one decision, or one answer */
    struct od_map stock;     /* empty: nothing is tracked */
    struct od_decide_env env;

    uint32_t looking_at;             /* which state, so that each counts once in a finding */
    const struct od_model_state *at; /* whose command is decided; NULL: a synthetic state */
    struct od_str move;              /* and which, as a path says it */
    bool failed;                     /* a policy has since `move` began */
    struct {
        bool is_set;
        enum od_status_kind kind;
        struct od_str from, to, policy;
    } wanted; /* the last status a policy asked for */

    struct od_model_note **notes;
    size_t note_count, note_cap;
    struct od_map notes_known;
    struct od_model_report *report;
};

bool od_model_out_of_time(struct od_model *m); /* and says so in the report */

uint32_t od_model_holds(const struct od_order *o); /* in force */

/* Fills m->watched; m->env follows. */
void od_model_watch(struct od_model *m);

/* "paid:shipped, held, 1 of 4 shipped", in the scratch arena. */
struct od_str od_model_describe(const struct od_model *m, const struct od_order *o);

/*
 * A finding about what is looked at now. `what` tells findings about the same subject apart.
 * Returns the finding for the caller to put its text in (m->arena), or NULL when the same was found
 * before and is now counted, or there are too many.
 */
struct od_finding *od_model_note(struct od_model *m, enum od_finding_kind kind,
                                 struct od_str subject, struct od_str what,
                                 const struct od_order *o);

/* A draft of two items, two units of each, 40.00 together. */
struct od_order *od_model_draft(struct od_arena *a);

/* One command at its simplest. */
struct od_model_move {
    uint32_t command;    /* enum od_model_command, or OD_MODEL_COMPOSITE + i */
    struct od_str label; /* "capture part" */
    struct od_command c;
};
/*
 * Those that make sense in a state, in the arena. Some things that happen to an order are out of
 * the ordinary (enum od_model_odd): but for `whole`, a life has two of their kinds at most.
 */
struct od_model_move *od_model_moves(const struct od_model *m, const struct od_model_state *s,
                                     bool whole, struct od_arena *a, size_t *count);

/* Kinds of what is out of the ordinary, as an order shows them. */
enum od_model_odd {
    OD_MODEL_ODD_UNITS_CANCELED = 1 << 0,
    OD_MODEL_ODD_AFTER_CANCEL = 1 << 1, /* units left although they were cancelled */
    OD_MODEL_ODD_REFUNDED = 1 << 2,
    OD_MODEL_ODD_CHARGED_BACK = 1 << 3,
    OD_MODEL_ODD_OVERPAID = 1 << 4,
    OD_MODEL_ODD_RETURNED = 1 << 5, /* or announced to come back */
    OD_MODEL_ODD_CHANGED = 1 << 6,  /* or proposed to be */
    OD_MODEL_ODD_INVOICED = 1 << 7,
    OD_MODEL_ODD_HELD = 1 << 8,
    OD_MODEL_ODD_PAYMENT_SET = 1 << 9, /* by hand, and no rule has answered another one since */
    OD_MODEL_ODD_SHIPMENT_SET = 1 << 10,
};
unsigned od_model_odd(const struct od_order *o); /* but for the last two, which only a path says */

/* Not more than a life has: two kinds; what was set by hand meets holds alone. */
bool od_model_is_usual(unsigned odd);

/* The moves of a state while they are listed. */
struct od_model_list {
    const struct od_model *m;
    const struct od_order *o;
    struct od_arena *arena;
    bool whole;
    unsigned odd; /* the state's own */
    struct od_model_move *moves;
    size_t count, cap;
};
/* Whether moves that make the order odd in these ways are among those to be tried. */
bool od_model_may(const struct od_model_list *l, unsigned odd);
struct od_command *od_model_add(struct od_model_list *l, uint32_t command, struct od_str label,
                                enum od_command_type type);
void od_model_add_money(struct od_model_list *l);  /* payments, refunds, invoices */
void od_model_add_goods(struct od_model_list *l);  /* parcels, and units that are cancelled */
void od_model_add_return(struct od_model_list *l); /* goods that come back */

int32_t od_model_open_units(const struct od_order *o);
uint32_t od_model_live_parcels(const struct od_order *o);
/* The names of the commands, composites included, in the report's arena. */
const struct od_str *od_model_command_names(const struct od_model *m, uint32_t *count);

void od_model_show(struct od_model *m); /* the synthetic states */

/* The states that commands reach. */
struct od_model_walk {
    struct od_model *m;
    struct od_map known; /* key -> state */
    struct od_model_state **states;
    size_t state_count, state_cap;
    size_t next;    /* the first that is not expanded */
    size_t walked;  /* the first that only the search for ends came to */
    uint32_t looks; /* how many searches there were */
    struct od_model_edge {
        uint32_t from, to, older; /* older: as od_model_state.edge */
    } * edges;
    size_t edge_count, edge_cap;
};
void od_model_walk(struct od_model_walk *w);
void od_model_walk_free(struct od_model_walk *w);

/* What the reached states say together: dead ends, stuck states, statuses nobody gets into, rows.
 */
void od_model_conclude(struct od_model_walk *w);
/* Marks the states from which an order can be cancelled or completed, or may be for all that was
 * looked at. */
void od_model_mark_hope(struct od_model_walk *w);
bool od_model_is_goal(const struct od_model *m, const struct od_order *o);
bool od_model_is_final(const struct od_model *m, const struct od_order *o);

#endif
