#ifndef OD_RULES_TRIAL_WALK_WALK_H
#define OD_RULES_TRIAL_WALK_WALK_H

#include "order/machine/decide.h"
#include "order/machine/moves.h"
#include "rules/trial/walk/model_check.h"

/*
 * What the files of the model check share: the check itself, its watch over the policies, and the
 * states that commands reach. Internal to this folder.
 */

enum { OD_MODEL_COMMANDS_MAX = 64 }; /* bits of a row */

struct od_model;

/* A state that commands reached, one of those that count as equal. */
struct od_model_state {
    struct od_order *order;
    const struct od_model_state *parent; /* NULL: just placed */
    struct od_str move;                  /* what led here from the parent, as a path says it */
    uint32_t index;
    uint64_t allowed; /* bit i: report->commands[i] */
    unsigned odd;     /* enum od_odd */
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

/*
 * Those that make sense in a state, in the arena. Some things that happen to an order are out of
 * the ordinary (enum od_odd): but for `whole`, a life has two of their kinds at most.
 */
struct od_move *od_model_moves(const struct od_model *m, const struct od_model_state *s, bool whole,
                               struct od_arena *a, size_t *count);
unsigned od_model_odd(const struct od_order *o); /* but for what was set, which only a path says */

/* The names of the commands, composites included, into the report. */
void od_model_name_commands(struct od_model *m);

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
