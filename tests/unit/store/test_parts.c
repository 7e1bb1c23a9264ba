#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../order/whole.h"
#include "../pg/fixture.h"
#include "pg/migrate.h"
#include "store/write/write.h"

/* Every field of every kind of part goes into a real PostgreSQL and comes back. */

static struct od_loop loop;
static struct od_pg_private *cluster;
static struct od_pg_conn *conn;
static struct od_arena arena;
static struct od_row_types types;
static char dir[64];

static int set_up(void **state)
{
    struct od_err err;
    (void)state;
    od_log_set_level(OD_LOG_ERROR);
    fixture_make_dir(dir);
    od_loop_init(&loop);
    od_arena_init(&arena);
    cluster = fixture_start(&loop, dir);
    conn = fixture_connect(&loop, od_pg_private_conninfo(cluster));
    if (od_pg_migrate(conn, OD_SOURCE_DIR "/core/store/migrations", NULL, &err) ||
        od_row_types_load(conn, &types, &err))
        fail_msg("%s", err.message);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    od_pg_conn_free_wait(conn, &loop);
    od_pg_private_stop(cluster);
    od_loop_fini(&loop);
    od_arena_fini(&arena);
    fixture_remove_dir(dir);
    return 0;
}

enum synced { WAITING = 0, DONE, FAILED };

static void on_sync(void *ctx, bool failed)
{
    *(enum synced *)ctx = failed ? FAILED : DONE;
}

static void sync_conn(void)
{
    enum synced synced = WAITING;
    od_pg_sync(conn, on_sync, &synced);
    while (synced == WAITING)
        od_loop_run_once(&loop);
    assert_int_equal(synced, DONE);
}

static void write_order(const struct od_order *o)
{
    struct od_set set;
    struct od_write w;
    od_set_init(&set, &arena);
    od_write_init(&w, &arena, &set, &types);
    od_write_placed(&w, o);
    (void)od_write_send(&w, conn);
    sync_conn();
    od_set_fini(&set);
}

static struct od_order *load(int64_t order_id)
{
    struct od_set set;
    od_set_init(&set, &arena);
    struct od_loaded *l = od_set_want_order(&set, order_id);
    od_set_send(&set, conn, false);
    sync_conn();
    od_set_fini(&set);
    assert_non_null(l->order);
    return l->order;
}

static void assert_same(const struct od_order *o, const struct od_order *loaded)
{
    const char *at = od_order_diff(&arena, o, loaded);
    if (at)
        fail_msg("%s is not what was written", at);
}

static bool may_change(const struct od_field *f)
{
    return !(f->flags & OD_FIELD_KEY) && f->flags & (OD_FIELD_MUTABLE | OD_FIELD_CHANGED);
}

/* There is no update for what never changes. */
static bool changes(const struct od_part_kind *p)
{
    const struct od_entity *e = &od_entities[p->kind];
    bool any = false;
    for (uint32_t f = 0; f < e->field_count; f++)
        any = any || may_change(&e->fields[f]);
    return any;
}

static void mark(const struct od_part_kind *p, void *part, enum od_dirty dirty)
{
    if (dirty == OD_DIRTY_CHANGED && !changes(p))
        dirty = OD_CLEAN;
    if (p->dirty)
        *(enum od_dirty *)(void *)((char *)part + p->dirty) = dirty;
}

/* Marks all of a list, and what belongs to it. */
static void mark_list(const struct od_part_kind *p, void *owner, enum od_dirty dirty)
{
    for (uint32_t i = 0; i < od_part_count(p, owner); i++) {
        void *part = od_part_at(p, owner, i);
        mark(p, part, dirty);
        OD_EACH_LIST_OF_PART (items, p)
            mark_list(items, part, dirty);
    }
}

static void mark_order(struct od_order *o, enum od_dirty dirty)
{
    o->dirty = dirty;
    OD_EACH_LIST_OF_ORDER (p)
        mark_list(p, o, dirty);
}

/* An order of its own for each test. */
static struct od_order *placed(int64_t order_id)
{
    struct od_order *o = whole_order(&arena);
    o->order_id = order_id;
    o->uuid.bytes[0] = (uint8_t)order_id;
    o->order_number = od_arena_printf(&arena, "N-%d", (int)order_id);
    for (uint32_t i = 0; i < WHOLE_PARTS; i++) { /* their numbers are unique in the shop */
        o->refunds[i].credit_memo_number = od_arena_printf(&arena, "CM-%d-%u", (int)order_id, i);
        o->invoices[i].invoice_number = od_arena_printf(&arena, "I-%d-%u", (int)order_id, i);
    }
    mark_order(o, OD_DIRTY_NEW);
    write_order(o);
    return o;
}

static void what_is_new_is_read_back(void **state)
{
    (void)state;
    struct od_order *o = placed(1);
    assert_same(o, load(1));
}

static void change(const struct od_part_kind *p, void *owner, int *number)
{
    const struct od_entity *e = &od_entities[p->kind];
    for (uint32_t i = 0; i < od_part_count(p, owner); i++) {
        void *part = od_part_at(p, owner, i);
        for (uint32_t f = 0; p->dirty && f < e->field_count; f++) {
            if (may_change(&e->fields[f]))
                whole_set(&arena, &e->fields[f], part, ++*number);
        }
        OD_EACH_LIST_OF_PART (items, p)
            change(items, part, number);
    }
}

static void what_has_changed_is_read_back(void **state)
{
    (void)state;
    struct od_order *o = placed(2);
    int number = 100000;
    OD_EACH_LIST_OF_ORDER (p)
        change(p, o, &number);
    mark_order(o, OD_DIRTY_CHANGED);
    write_order(o);
    assert_same(o, load(2));
}

static void what_is_clean_is_not_written(void **state)
{
    (void)state;
    struct od_order *o = placed(3), *before = od_order_keep(&arena, o);
    int number = 200000;
    OD_EACH_LIST_OF_ORDER (p)
        change(p, o, &number);
    mark_order(o, OD_CLEAN);
    o->dirty = OD_DIRTY_CHANGED;
    write_order(o);
    assert_same(before, load(3));
}

static void what_is_deleted_is_gone(void **state)
{
    (void)state;
    struct od_order *o = placed(4);
    mark_order(o, OD_CLEAN);
    o->dirty = OD_DIRTY_CHANGED;
    OD_EACH_LIST_OF_ORDER (p) {
        if (p->flags & OD_PART_SET)
            mark(p, od_part_at(p, o, 0), OD_DIRTY_DELETED);
    }
    write_order(o);
    struct od_order *loaded = load(4);
    assert_same(o, loaded);
    OD_EACH_LIST_OF_ORDER (p)
        assert_int_equal(od_part_count(p, loaded), WHOLE_PARTS - !!(p->flags & OD_PART_SET));
}

/* Items go to the part that owns them, whatever others are read with it. */
static void orders_keep_their_parts_apart(void **state)
{
    (void)state;
    struct od_order *a = placed(5), *b = placed(6);
    struct od_set set;
    od_set_init(&set, &arena);
    struct od_loaded *of_b = od_set_want_order(&set, 6), *of_a = od_set_want_order(&set, 5);
    od_set_send(&set, conn, true);
    sync_conn();
    od_set_fini(&set);
    assert_same(a, of_a->order);
    assert_same(b, of_b->order);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_new_is_read_back),
        cmocka_unit_test(what_has_changed_is_read_back),
        cmocka_unit_test(what_is_clean_is_not_written),
        cmocka_unit_test(what_is_deleted_is_gone),
        cmocka_unit_test(orders_keep_their_parts_apart),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
