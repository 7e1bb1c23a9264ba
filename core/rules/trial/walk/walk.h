#ifndef OD_RULES_TRIAL_WALK_WALK_H
#define OD_RULES_TRIAL_WALK_WALK_H

#include "order/machine/decide.h"
#include "order/machine/moves.h"
#include "rules/trial/walk/model_check.h"

/*
 * The files of the model check share this: the check itself, its watch over the policies, and the
 * states that commands reach. Internal to this folder.
 */

enum { OD_MODEL_COMMANDS_MAX = 64 }; /* the bits of a row */

struct od_model;

/* A state that commands reached. It stands for all states with the same key. */
struct od_model_state {
    struct od_order *order;
    const struct od_model_state *parent; /* NULL: it was just placed */
    struct od_str move;                  /* the move from the parent to here, as a path names it */
    uint32_t index;
    uint64_t allowed; /* bit i: report->commands[i] */
    unsigned odd;     /* enum od_odd */
    bool expanded;
    bool whole;           /* every move was tried, the unusual ones as well */
    bool changes;         /* some command leads to another status */
    bool cut;             /* some command leads to a state beyond max_states */
    bool hopeful;         /* a path leads, or may lead, to cancelled or completed */
    bool far;             /* every state behind it is expanded, too */
    bool stuck;           /* no path leads there, and it is the first with its status */
    uint32_t edge;        /* the last edge that begins here, index + 1; 0: none */
    uint32_t looked_from; /* od_model_walk.looks */
};

/*
 * The key tells states apart. It has the statuses, the holds, how many of the units (none, some,
 * all) and how much of the amounts (none, part, all, more) were moved, and the open parcels,
 * returns and changes. It leaves out what is over (parcels of the past, rejected returns), which
 * item it is, times and texts.
 */
struct od_model_key {
    uint8_t bytes[96];
    size_t len;
};
/* Returns the bytes, which live in *k. */
struct od_str od_model_key(const struct od_model *m, const struct od_order *o, unsigned odd,
                           struct od_model_key *k);

struct od_model_note {
    struct od_finding finding;
    uint32_t last; /* the value of od_model.looking_at when it was last counted */
};

struct od_model {
    const struct od_policies *inner; /* the policies that are checked */
    struct od_policies watched;      /* asks them, counts answers, and makes findings of failures */
    const struct od_status_sets *statuses;
    const struct od_str *composites;
    uint32_t composite_count;
    uint32_t max_states;
    int64_t deadline_us;     /* on the thread's clock of processor time */
    struct od_arena *arena;  /* the report's */
    struct od_arena working; /* holds the states */
    struct od_arena scratch; /* holds one decision, or one answer */
    struct od_map stock;     /* empty: no stock is tracked */
    struct od_decide_env env;

    uint32_t looking_at;             /* the state's number, so that each counts once in a finding */
    const struct od_model_state *at; /* the state whose command is decided; NULL: a synthetic one */
    struct od_str move;              /* that command, as a path names it */
    bool failed;                     /* a policy has failed since `move` began */
    struct {
        bool is_set;
        enum od_status_kind kind;
        struct od_str from, to, policy;
    } wanted; /* the last status that a policy asked for */

    struct od_model_note **notes;
    size_t note_count, note_cap;
    struct od_map notes_known;
    struct od_model_report *report;
};

bool od_model_out_of_time(struct od_model *m); /* if so, the report says it */

uint32_t od_model_holds(const struct od_order *o); /* holds in force */

/* Fills m->watched and m->env. */
void od_model_watch(struct od_model *m);

/* Describes an order as "paid:shipped, held, 1 of 4 shipped", in the scratch arena. */
struct od_str od_model_describe(const struct od_model *m, const struct od_order *o);

/*
 * Notes a finding about the state that is looked at. `what` tells findings about the same subject
 * apart. Returns the finding, whose text (in m->arena) the caller fills in. Returns NULL when the
 * same was found before, which is now counted, or when there are too many.
 */
struct od_finding *od_model_note(struct od_model *m, enum od_finding_kind kind,
                                 struct od_str subject, struct od_str what,
                                 const struct od_order *o);

/* Makes a draft of two items with two units each, for 40.00 together. */
struct od_order *od_model_draft(struct od_arena *a);

/*
 * Returns the moves that make sense in a state, in the arena. Some of them are unusual (enum
 * od_odd). Unless `whole`, a path holds at most two kinds of those.
 */
struct od_move *od_model_moves(const struct od_model *m, const struct od_model_state *s, bool whole,
                               struct od_arena *a, size_t *count);
unsigned od_model_odd(const struct od_order *o); /* without statuses that were set, which only a
                                                    path shows */

/* Puts the names of all commands, composites included, into the report. */
void od_model_name_commands(struct od_model *m);

void od_model_show(struct od_model *m); /* shows the synthetic states */

/* The walk through the states that commands reach. */
struct od_model_walk {
    struct od_model *m;
    struct od_map known; /* key -> state */
    struct od_model_state **states;
    size_t state_count, state_cap;
    size_t next;    /* the first state that is not expanded */
    size_t walked;  /* the first state that only the search for ends reached */
    uint32_t looks; /* the number of searches */
    struct od_model_edge {
        uint32_t from, to, older; /* older: as od_model_state.edge */
    } * edges;
    size_t edge_count, edge_cap;
};
void od_model_walk(struct od_model_walk *w);
void od_model_walk_free(struct od_model_walk *w);

/* Concludes from all reached states: dead ends, stuck states, statuses that no order gets into,
 * rows. */
void od_model_conclude(struct od_model_walk *w);
/* Marks the states from which an order can be cancelled or completed, or might be as far as was
 * looked. */
void od_model_mark_hope(struct od_model_walk *w);
bool od_model_is_goal(const struct od_model *m, const struct od_order *o);
bool od_model_is_final(const struct od_model *m, const struct od_order *o);

#endif
