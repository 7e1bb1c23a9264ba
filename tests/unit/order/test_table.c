#include <stdio.h>
#include <string.h>

#include "sample.h"

#include "order/ledger/event_kind.h"
#include "order/machine/command_kind.h"
#include "order/machine/moves.h"

/* Every row of the two tables says all that those who read it need. */

#define KINDS(type, kind)                                                                          \
    enum od_command_type type = 0;                                                                 \
    type < OD_COMMAND_TYPES && ((kind) = od_command_kinds[type], true);                            \
    type++

static bool same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* A name means one command, whichever of its three it is. */
static void commands_have_names_of_their_own(void **state)
{
    const struct od_command_kind *k, *other;
    (void)state;
    for (KINDS(type, k)) {
        enum od_command_type found;
        assert_non_null(k->name);
        assert_true(od_command_named(od_str_of(k->name), &found));
        assert_int_equal(found, type);
        assert_string_equal(od_command_name(type), k->name);
        for (KINDS(t, other)) {
            if (t == type)
                continue;
            assert_false(same(k->name, other->name));
            assert_false(same(k->alias, other->name) || same(k->alias, other->alias));
            assert_false(same(k->call, other->name) || same(k->call, other->call));
        }
    }
}

static void commands_are_decided(void **state)
{
    const struct od_command_kind *k;
    (void)state;
    for (KINDS(type, k)) {
        assert_non_null(k->decide);
        assert_non_null(k->permission); /* unit/api/test_permissions.c asks more */
        /* A step is decided on the order of its command, from a body. */
        if (k->is_step)
            assert_true(k->subject == OD_SUBJECT_ORDER && od_command_offered(k));
        /* Only stock changes without an event of an order. */
        assert_int_equal(k->emits == 0, k->subject == OD_SUBJECT_SKU);
    }
}

static void what_is_offered_has_a_route(void **state)
{
    const struct od_command_kind *k, *other;
    (void)state;
    for (KINDS(type, k)) {
        assert_int_equal(k->route.method != NULL, k->body != NULL);
        /* Only what a plugin's command takes is not known. */
        assert_int_equal(k->shape != NULL, k->body != NULL && k != &od_composite);
        assert_int_equal(k->route.method != NULL, k->route.pattern != NULL);
        assert_int_equal(k->route.method != NULL, k->summary != NULL);
        if (!k->route.method)
            continue;
        assert_true(same(k->route.method, "POST") || same(k->route.method, "PUT") ||
                    same(k->route.method, "PATCH") || same(k->route.method, "DELETE"));
        assert_int_equal(strncmp(k->route.pattern, "/api/", 5), 0);
        assert_int_equal(strstr(k->route.pattern, "/:id") != NULL, k->subject == OD_SUBJECT_ORDER);
        for (KINDS(t, other))
            assert_false(t != type && same(k->route.method, other->route.method) &&
                         same(k->route.pattern, other->route.pattern));
    }
}

/* What the path says beside the order goes into the command. */
static void members_of_paths_are_read(void **state)
{
    const struct od_command_kind *k;
    (void)state;
    for (KINDS(type, k)) {
        const struct od_command_member *m = k->member;
        char name[40];
        if (m) {
            snprintf(name, sizeof name, "/:%s", m->name);
            assert_non_null(strstr(k->route.pattern, name));
            assert_true(m->field && m->offset < sizeof(struct od_command));
        } else if (k->route.pattern) {
            const char *last = strrchr(k->route.pattern, ':');
            assert_true(!last || strncmp(last, ":id", 3) == 0);
        }
    }
}

static void events_have_names_of_their_own(void **state)
{
    (void)state;
    for (int i = 0; i < OD_EVENT_TYPES; i++) {
        const struct od_event_kind *k = od_event_kinds[i];
        assert_non_null(memchr(k->name.ptr, '.', k->name.len));
        for (int n = 0; n < i; n++)
            assert_false(od_str_eq(k->name, od_event_kinds[n]->name));
    }
}

static void events_are_written_read_and_folded(void **state)
{
    (void)state;
    for (int i = 0; i < OD_EVENT_TYPES; i++) {
        const struct od_event_kind *k = od_event_kinds[i];
        assert_true(k->write && k->read && k->fold);
        assert_int_equal(k->write == od_event_write_nothing, k->read == od_event_read_nothing);
    }
}

/* A question that every shop answers says what becomes of an event, and does not refuse it. */
static bool may_refuse(enum od_question q)
{
    return q == OD_ASK_ORDER_CANCEL || (q < OD_QUESTIONS && od_question_optional(q));
}

static void what_was_asked_before_an_event_can_be_asked_again(void **state)
{
    (void)state;
    for (int i = 0; i < OD_EVENT_TYPES; i++) {
        const struct od_event_kind *k = od_event_kinds[i];
        assert_int_equal(k->question != OD_QUESTIONS, k->asked != NULL);
        assert_true(k->question == OD_QUESTIONS || may_refuse(k->question));
    }
}

static void every_event_comes_from_a_command(void **state)
{
    const struct od_command_kind *k;
    uint64_t all = 0;
    (void)state;
    for (KINDS(type, k)) {
        if (k->emits != OD_EMITS_ANY)
            all |= k->emits;
    }
    assert_true(all == (UINT64_C(1) << OD_EVENT_TYPES) - 1);
}

/* A command that is sure to issue a document emits an event that has it. */
static void documents_are_in_events(void **state)
{
    const struct od_command_kind *k;
    (void)state;
    for (KINDS(type, k)) {
        bool issues = false, sure = false;
        for (int i = 0; i < OD_EVENT_TYPES; i++)
            issues = issues || (k->emits >> i & 1 && od_event_kinds[i]->document);
        for (int d = 0; d < OD_DOCUMENTS; d++)
            sure = sure || k->documents[d];
        assert_true(!sure || issues);
    }
}

/* Who may refuse it: nobody is asked for a status or a number to refuse a command. */
static void questions_may_refuse(void **state)
{
    const struct od_command_kind *k;
    (void)state;
    for (KINDS(type, k))
        assert_true(k->question == OD_QUESTIONS || may_refuse(k->question));
}

static void scripts_have_what_is_offered(void **state)
{
    const struct od_command_kind *k, *other;
    (void)state;
    for (KINDS(type, k)) {
        assert_int_equal(k->services != NULL, od_command_offered(k));
        for (const struct od_service *s = k->services; s && s->name; s++) {
            assert_int_equal(s->type, type);
            assert_true(s->lead_kind != OD_LEAD_MEMBER || k->member);
            assert_true(s->lead_kind == OD_LEAD_NONE || s->lead_kind == OD_LEAD_MEMBER || s->lead);
            assert_true(!s->method || k->is_step);
            for (KINDS(t, other)) {
                for (const struct od_service *x = other->services; x && x->name; x++)
                    assert_false(x != s && (same(x->name, s->name) || same(x->method, s->method)));
            }
        }
    }
}

/* What a person does to an order is among the actions; what a walk tries has a name and a letter
 * that no other has. */
static void commands_on_orders_are_tried(void **state)
{
    const struct od_command_kind *k;
    char letters[128] = {0};
    (void)state;
    for (KINDS(type, k)) {
        bool on_order = k->subject == OD_SUBJECT_ORDER && k->route.method;
        assert_int_equal(k->actions != NULL, on_order);
        assert_int_equal(k->moves != NULL, k->move_names != NULL);
        for (const struct od_move_name *n = k->move_names; n && n->name; n++) {
            assert_true(n->letter > ' ' && n->letter < 127);
            assert_false((n->letter >= 'A' && n->letter <= 'Z') ||
                         (n->letter >= '1' && n->letter <= '9'));
            assert_int_equal(letters[(int)n->letter]++, 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_have_names_of_their_own),
        cmocka_unit_test(commands_are_decided),
        cmocka_unit_test(what_is_offered_has_a_route),
        cmocka_unit_test(members_of_paths_are_read),
        cmocka_unit_test(events_have_names_of_their_own),
        cmocka_unit_test(events_are_written_read_and_folded),
        cmocka_unit_test(what_was_asked_before_an_event_can_be_asked_again),
        cmocka_unit_test(every_event_comes_from_a_command),
        cmocka_unit_test(documents_are_in_events),
        cmocka_unit_test(questions_may_refuse),
        cmocka_unit_test(scripts_have_what_is_offered),
        cmocka_unit_test(commands_on_orders_are_tried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
