#include "whole.h"

#include "base/json/json.h"
#include "order/show/render.h"

/* The table of parts: what a row lacks, and what a walk through it forgets, shows here. */

static int with_arena(void **state)
{
    static struct od_arena a;

    od_arena_init(&a);
    *state = &a;
    return 0;
}

static int without_arena(void **state)
{
    od_arena_fini(*state);
    return 0;
}

static bool is_key(const struct od_field *f)
{
    return f->flags & OD_FIELD_KEY;
}

static void every_kind_of_part_has_a_row(void **state)
{
    (void)state;
    for (enum od_entity_kind k = OD_ENTITY_ORDER + 1; k < OD_ENTITY_COUNT; k++) {
        const struct od_part_kind *p = &od_part_kinds[k];
        const struct od_entity *e = &od_entities[k];
        if (p->kind != k || !p->name || !e->noun || !e->table)
            fail_msg("kind %d has no row in od_part_kinds or od_entities", k);
        assert_true(is_key(&e->fields[0]));
        assert_true(p->list + sizeof(void *) <= od_entities[p->owner].size);
        assert_true(p->slots || p->count);
        if (p->owner == OD_ENTITY_ORDER) {
            assert_true(p->dirty && (p->slots || p->cap));
            continue;
        }
        /* It stands behind its owner, and both begin with the owner's number. */
        assert_true(p[-1].kind == p->owner || p[-1].owner == p->owner);
        assert_int_equal(od_part_kinds[p->owner].owner, OD_ENTITY_ORDER);
        assert_string_equal(e->fields[0].name, od_entities[p->owner].fields[0].name);
        assert_int_equal(e->fields[0].offset, 0);
        assert_int_equal(od_entities[p->owner].fields[0].offset, 0);
    }
}

static void no_two_rows_share_a_list_or_a_name(void **state)
{
    (void)state;
    OD_EACH_PART_KIND (p) {
        OD_EACH_PART_KIND (q) {
            if (p == q || p->owner != q->owner)
                continue;
            assert_int_not_equal(p->list, q->list);
            assert_string_not_equal(p->name, q->name);
            assert_true(p->slots || q->slots || p->count != q->count);
            assert_true(!p->cap || p->cap != q->cap);
        }
    }
}

static void a_list_ends_where_its_count_says(void **state)
{
    struct od_order *o = whole_order(*state);

    OD_EACH_LIST_OF_ORDER (p) {
        void *first = od_part_at(p, o, 0);
        assert_int_equal(od_part_count(p, o), WHOLE_PARTS);
        assert_ptr_equal(od_part_at(p, o, 1), (char *)first + od_entities[p->kind].size);
        if (p->slots || p->flags & OD_PART_SET)
            continue;
        assert_ptr_equal(od_part_numbered(p->kind, o, 1), first);
        assert_null(od_part_numbered(p->kind, o, 0));
        assert_null(od_part_numbered(p->kind, o, WHOLE_PARTS + 1));
    }
}

/* Sets every field of everything that a decision may change to something else. */
static void scribble(struct od_arena *a, const struct od_part_kind *p, void *owner, int *number)
{
    for (uint32_t i = 0; i < od_part_count(p, owner); i++) {
        void *part = od_part_at(p, owner, i);
        OD_EACH_LIST_OF_PART (items, p)
            scribble(a, items, part, number);
        if (!(p->flags & OD_PART_SHARED))
            whole_fill(a, p->kind, part, number);
    }
}

static void a_clone_changes_without_its_original(void **state)
{
    struct od_order *o = whole_order(*state), *same = whole_order(*state);
    struct od_order *c = od_order_clone(*state, o);
    int number = 100001;

    assert_null(od_order_diff(*state, c, o));
    whole_fill(*state, OD_ENTITY_ORDER, c, &number);
    OD_EACH_LIST_OF_ORDER (p)
        scribble(*state, p, c, &number);
    assert_null(od_order_diff(*state, o, same));
    assert_non_null(od_order_diff(*state, c, same));
}

static void what_is_appended_to_a_clone_is_not_in_its_original(void **state)
{
    struct od_order *o = whole_order(*state);

    OD_EACH_LIST_OF_ORDER (p) {
        size_t size = od_entities[p->kind].size, cap;
        void *list[2];
        struct od_order *c = od_order_clone(*state, o);
        if (p->slots)
            continue;
        memcpy(&cap, (char *)c + p->cap, sizeof cap);
        for (int i = 0; i < 2; i++) /* as two decisions do that go their own ways */
            list[i] = od_arena_grow(*state, od_part_at(p, i ? o : c, 0), WHOLE_PARTS, &cap, size);
        assert_int_equal(od_part_count(p, c), WHOLE_PARTS);
        assert_ptr_not_equal(list[0], od_part_at(p, o, 0));
    }
}

static void a_kept_copy_outlives_what_it_was_made_of(void **state)
{
    struct od_arena brief;
    struct od_order *kept;

    od_arena_init(&brief);
    kept = od_order_keep(*state, whole_order(&brief));
    od_arena_fini(&brief);
    od_arena_pool_trim();
    assert_null(od_order_diff(*state, kept, whole_order(*state)));
}

/* Changes a field of a part of c, a kept copy of o, and expects `where` as the difference. */
static void changed(struct od_arena *a, const struct od_order *o, const struct od_order *c,
                    enum od_entity_kind kind, uint32_t field, void *part, const char *where)
{
    static int number = 200001;
    const struct od_field *f = &od_entities[kind].fields[field];
    size_t size = od_entities[kind].size;
    void *was = memcpy(od_arena_alloc(a, size), part, size);
    const char *at;

    whole_set(a, f, part, f->type == OD_FIELD_BOOL ? 2 : (number += 2));
    at = od_order_diff(a, o, c);
    if (!at || strcmp(at, where) != 0)
        fail_msg("%s differs, found is %s", where, at ? at : "nothing");
    od_field_copy(f, part, was);
    assert_null(od_order_diff(a, o, c));
}

static const char *place(struct od_arena *a, const struct od_part_kind *p, uint32_t i,
                         const struct od_field *f)
{
    static const char *const slots[] = {"shipping_address", "billing_address"};
    const char *field =
        p->flags & OD_PART_SET && is_key(f) ? od_entities[p->kind].fields->name : f->name;

    return p->slots ? od_arena_printf(a, "%s.%s", slots[i], field).ptr
                    : od_arena_printf(a, "%s[%u].%s", p->name, i, field).ptr;
}

static void every_field_of_every_part_is_compared(void **state)
{
    struct od_order *o = whole_order(*state), *c = od_order_keep(*state, o);
    const struct od_entity *order = &od_entities[OD_ENTITY_ORDER];

    for (uint32_t f = 0; f < order->field_count; f++)
        changed(*state, o, c, OD_ENTITY_ORDER, f, c, order->fields[f].name);
    OD_EACH_PART_KIND (p) {
        const struct od_entity *e = &od_entities[p->kind];
        bool of_order = p->owner == OD_ENTITY_ORDER;
        const struct od_part_kind *owner = &od_part_kinds[p->owner];
        void *whose = of_order ? (void *)c : od_part_at(owner, c, 1);
        for (uint32_t f = 0; f < e->field_count; f++)
            changed(*state, o, c, p->kind, f, od_part_at(p, whose, 1),
                    of_order ? place(*state, p, 1, &e->fields[f])
                             : od_arena_printf(*state, "%s[1].%s", owner->name, p->name).ptr);
    }
}

static void a_part_that_is_missing_is_a_difference(void **state)
{
    struct od_order *o = whole_order(*state);

    OD_EACH_PART_KIND (p) {
        struct od_order *c = od_order_keep(*state, o);
        const struct od_part_kind *owner = &od_part_kinds[p->owner];
        bool of_order = p->owner == OD_ENTITY_ORDER;
        void *whose = of_order ? (void *)c : od_part_at(owner, c, 0);
        if (p->slots)
            continue;
        od_part_put(p, whose, od_part_at(p, whose, 0), WHOLE_PARTS - 1);
        assert_string_equal(
            od_order_diff(*state, o, c),
            of_order ? p->name : od_arena_printf(*state, "%s[0].%s", owner->name, p->name).ptr);
        assert_non_null(od_order_diff(*state, c, o));
    }
}

static struct od_json *shown(struct od_arena *a, const struct od_order *o)
{
    static const struct od_status_sets no_statuses;
    struct od_json_writer w;
    struct od_json *root;
    struct od_buf b;
    struct od_err err;

    od_buf_init(&b, 1 << 20);
    od_jw_init(&w, &b);
    od_order_write(&w, o, &no_statuses, NULL, OD_STR_NONE);
    if (od_json_parse(a, od_arena_str(a, od_buf_view(&b)), 16, &root, &err) != 0)
        fail_msg("%s", err.message);
    od_buf_fini(&b);
    return root;
}

/* Every field of a part that is not internal, and the same of its items. */
static void check_shown(const struct od_part_kind *p, const struct od_json *part)
{
    const struct od_entity *e = &od_entities[p->kind];

    assert_non_null(part);
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct od_json *v = od_json_get(part, e->fields[i].json);
        bool internal = e->fields[i].flags & OD_FIELD_INTERNAL;
        if (internal ? v != NULL : !v || v->type == OD_JSON_NULL)
            fail_msg("%s of a %s is %s", e->fields[i].json, e->noun, v ? "shown" : "not shown");
    }
    assert_true(!(p->flags & OD_PART_UUID) == !od_json_get(part, "uuid"));
    OD_EACH_LIST_OF_PART (items, p) {
        const struct od_json *list = od_json_get(part, items->name);
        assert_true(list && list->count == WHOLE_PARTS);
        check_shown(items, list->child);
    }
}

static void the_api_shows_every_part(void **state)
{
    const struct od_json *order = shown(*state, whole_order(*state));

    OD_EACH_LIST_OF_ORDER (p) {
        const struct od_json *list = od_json_get(order, p->name);
        if (p->slots) {
            check_shown(p, od_json_get(order, "shippingAddress"));
            check_shown(p, od_json_get(order, "billingAddress"));
            continue;
        }
        assert_true(list && list->count == WHOLE_PARTS);
        check_shown(p, list->child);
    }
}

static void a_deleted_element_is_neither_shown_nor_compared(void **state)
{
    struct od_order *o = whole_order(*state);

    OD_EACH_LIST_OF_ORDER (p) {
        struct od_order *c = od_order_keep(*state, o), *less = od_order_keep(*state, o);
        if (!(p->flags & OD_PART_SET))
            continue;
        *(enum od_dirty *)((char *)od_part_at(p, c, 0) + p->dirty) = OD_DIRTY_DELETED;
        od_part_put(p, less, od_part_at(p, less, 1), WHOLE_PARTS - 1);
        assert_null(od_order_diff(*state, c, less));
        assert_null(od_order_diff(*state, less, c));
        assert_int_equal(od_json_get(shown(*state, c), p->name)->count, WHOLE_PARTS - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_part_has_a_row),
        cmocka_unit_test(no_two_rows_share_a_list_or_a_name),
        cmocka_unit_test_setup_teardown(a_list_ends_where_its_count_says, with_arena,
                                        without_arena),
        cmocka_unit_test_setup_teardown(a_clone_changes_without_its_original, with_arena,
                                        without_arena),
        cmocka_unit_test_setup_teardown(what_is_appended_to_a_clone_is_not_in_its_original,
                                        with_arena, without_arena),
        cmocka_unit_test_setup_teardown(a_kept_copy_outlives_what_it_was_made_of, with_arena,
                                        without_arena),
        cmocka_unit_test_setup_teardown(every_field_of_every_part_is_compared, with_arena,
                                        without_arena),
        cmocka_unit_test_setup_teardown(a_part_that_is_missing_is_a_difference, with_arena,
                                        without_arena),
        cmocka_unit_test_setup_teardown(the_api_shows_every_part, with_arena, without_arena),
        cmocka_unit_test_setup_teardown(a_deleted_element_is_neither_shown_nor_compared, with_arena,
                                        without_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
