#ifndef OD_SCRIPT_TESTING_TEST_H
#define OD_SCRIPT_TESTING_TEST_H

#include <lauxlib.h>

#include "base/json/json.h"
#include "base/map.h"
#include "script/task/thread.h"
#include "script/template/letter.h"
#include "script/template/template.h"
#include "script/testing/run.h"

/*
 * One test while it runs. A test is a task. A method of `t` that needs a policy or a hook leaves
 * what it wants in the test and waits, because a state answers policies only while its coroutine is
 * suspended.
 */

/* An order of a test, and the events that happened to it there. */
struct od_test_order {
    struct od_order *order;
    struct od_event *events;
    uint32_t event_count;
    size_t event_cap;
};

struct od_test_series {
    struct od_str name;
    int64_t value;
};

struct od_test {
    struct od_task task;
    struct od_bundle *bundle;
    const struct od_registration *registration;
    const struct od_test_options *options;
    struct od_arena arena;
    struct od_test_order **orders;
    uint32_t order_count;
    size_t order_cap;
    struct od_map stock;           /* sku -> struct od_stock *, the first of its locations */
    struct od_test_series *series; /* the numbers taken so far; the common series has no name */
    uint32_t series_count;
    size_t series_cap;

    /* A method leaves here what it waits for. `work` does it while the state is idle, and `failed`
     * says whether err is to be raised. */
    void (*work)(struct od_test *t);
    bool failed;
    struct od_err err;
    struct od_test_order *subject;
    const struct od_command *command;
    struct od_refusal refusal;
    enum od_verdict verdict;
    struct od_stock *answered; /* by SET_INVENTORY */
    struct od_str not_placed;  /* why the last t:place was refused; absent: it was not */
    enum od_print print;
    int32_t print_id;
    struct od_str printed;
    struct od_letter letter;
    struct od_letter_texts texts;
    enum od_question question;
    struct od_policy_request request;
    struct od_policy_answer answer;
    struct od_event event;
    struct od_str topic;
    struct od_intent *intents;
    uint32_t intent_count;

    /* The route or job that runs inside of it. */
    struct od_test_visit {
        const struct od_registration *offer;
        uint32_t index; /* among the bundle's offers of its kind */
        struct od_route_request request;
        struct od_task *waiting; /* for the answer to `asked`; NULL: it is over */
        const struct od_task_request *asked;
        struct od_route_reply reply; /* in the test's arena */
        int64_t instructions;        /* how many it used */
        enum od_offer_kind kind;
        struct od_message message; /* of a receiver */
    } visit;
    struct od_test_key {
        struct od_test_key *next;
        struct od_str key;
        struct od_task_answer answer;
    } * keys; /* the keys of oms.transaction, and the answers under them */
};

/* Returns the test that calls this binding. Raises when none runs. [-0, +0, v] */
struct od_test *l_test_of(lua_State *L);
/* Has `work` done, then goes on with `resumed`. It is called as `return l_test_wait(…)`.
 * [-0, +0, v] */
int l_test_wait(lua_State *L, struct od_test *t, void (*work)(struct od_test *t),
                lua_KFunction resumed);
/* Returns the order of this test at idx. Raises for anything else. [-0, +0, v] */
struct od_test_order *l_check_test_order(lua_State *L, int idx);
/* Returns the text at idx, copied to the test's arena. [-0, +0, v] */
struct od_str l_test_text(lua_State *L, struct od_test *t, int idx);

/* Returns who answers in a test: the plugin under test if it offers to, else the default rules, so
 * that the other plugins of a configuration change nothing. NULL: nobody answers an optional
 * question. */
const struct od_registration *od_test_provider(const struct od_test *t, enum od_question q);

/* Decides t->command on t->subject, which is made anew for PLACE. t->refusal has a code when it was
 * refused. */
void od_test_decide(struct od_test *t);
struct od_test_order *od_test_add_order(struct od_test *t, struct od_order *o);
struct od_stock *od_test_stock(struct od_test *t, struct od_str sku);

/* Returns the value at idx as a tree in the test's arena, or NULL for nil. [-0, +0, v] */
const struct od_json *l_test_json(lua_State *L, struct od_test *t, int idx);
/* Pushes `t`. [-0, +1, v] */
void l_push_test_handle(lua_State *L);

/* Methods of `t`, each in the file of its name; t:mail in print.c, t:stock and t:store in supply.c,
 * t:request and t:job in visit.c. */
int l_test_ask(lua_State *L);
int l_test_emit(lua_State *L);
int l_test_events(lua_State *L);
int l_test_stock(lua_State *L);
int l_test_store(lua_State *L);
int l_test_print(lua_State *L);
int l_test_mail(lua_State *L);
int l_test_request(lua_State *L);
int l_test_job(lua_State *L);
int l_test_receive(lua_State *L);

/* Answers what a route or job waits for, from the orders of the test. */
void od_test_answer(struct od_test *t, const struct od_task_request *r, struct od_task_answer *out);
/* Returns the rows of the query over the test's orders, as JSON in the test's arena. */
struct od_str *od_test_query(struct od_test *t, const struct od_query *q, uint32_t *count);
/* The checks: t:ok, t:equal, … */
extern const luaL_Reg od_test_checks[];

#endif
