#include "../order/check.h"

#include <unistd.h>

#include "cli/import/source.h"
#include "base/clock.h"

/* Lines of NDJSON, with ' for ", as units; orders are decided in the stub shop. */

#define ITEMS "'items':[{'sku':'a','qty':2,'price':10}]"
#define UUID  "0190a1b2-0000-7000-8000-000000000001"

static char path[] = "/tmp/od-test-ndjson-XXXXXX";
static struct od_import_unit unit;
static struct od_import_source source;
static const struct od_import_shop import_shop = {&statuses, OD_STR_INIT("EUR"), NULL};

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return remove(path);
}

static int open_all(void **state)
{
    unit = (struct od_import_unit){0};
    source = (struct od_import_source){0};
    od_arena_init(&unit.arena);
    return setup(state);
}

static int close_all(void **state)
{
    int rc = teardown(state);
    od_arena_fini(&unit.arena);
    if (source.close)
        source.close(source.ctx);
    return rc;
}

static void open_lines(const char *lines)
{
    struct od_err err;
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (const char *p = lines; *p; p++)
        fputc(*p == '\'' ? '"' : *p, f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(od_import_ndjson_open(&source, path, &import_shop, &err), 0);
}

static void next(void)
{
    struct od_err err;
    od_arena_fini(&unit.arena);
    unit = (struct od_import_unit){0};
    od_arena_init(&unit.arena);
    assert_int_equal(source.next(source.ctx, &unit, &err), 1);
}

static bool has_note(const char *reason, const char *detail)
{
    for (const struct od_import_note *n = unit.notes; n; n = n->next) {
        if (strcmp(n->reason, reason) == 0 && strstr(n->detail.ptr, detail))
            return true;
    }
    return false;
}

static void line_tells_the_whole_life(void **state)
{
    struct shop *sh = *state;
    open_lines("{" ITEMS ",'uuid':'" UUID "','placedAt':'2023-01-01T00:00:00Z',"
               "'shipments':[{'carrier':'DHL','at':'2023-01-03T00:00:00Z',"
               "'deliveredAt':'2023-01-04T00:00:00Z'}],"
               "'payments':[{'type':'capture','amount':20,'method':'card',"
               "'at':'2023-01-02T00:00:00Z'}],"
               "'activities':[{'comment':'gift'}],'holds':[]}\n");
    next();
    assert_null(unit.notes);
    assert_false(unit.key.ptr);
    assert_string_equal(unit.order.ptr, UUID);
    assert_done(shop_run(sh, unit.commands));
    assert_str(sh->order.status, "completed");
    assert_int_equal(sh->ledger_len, 5);
    assert_int_equal(sh->ledger[1].type, OD_EVENT_ACTIVITY_ADDED);
    assert_int_equal(sh->ledger[2].type, OD_EVENT_PAYMENT_CAPTURED);
    assert_int_equal(sh->ledger[4].type, OD_EVENT_SHIPMENT_DELIVERED);
    assert_int_equal(sh->skus[0].on_hand, 8);
}

static void refusal_of_a_part_leaves_nothing_of_the_order(void **state)
{
    struct shop *sh = *state;
    open_lines("{" ITEMS ",'shipments':[{'carrier':'DHL'}],'canceled':{'reason':'late'}}\n");
    next();
    assert_refused(shop_run(sh, unit.commands), OD_VERDICT_POLICY, "shipped");
    assert_int_equal(sh->order.version, 0);
}

static void history_overrules_the_same(void **state)
{
    struct shop *sh = *state;
    open_lines("{" ITEMS ",'historical':true,'shipments':[{'carrier':'DHL'}],"
               "'canceled':{'reason':'late'}}\n");
    next();
    assert_done(shop_run(sh, unit.commands));
    assert_str(sh->order.status, "canceled");
    assert_int_equal(sh->skus[0].reserved, 0);
}

static void parcels_are_numbered_by_their_times(void **state)
{
    struct shop *sh = *state;
    open_lines("{" ITEMS ",'placedAt':'2023-01-01T00:00:00Z','shipments':["
               "{'carrier':'second','items':[{'orderItemId':1,'qty':1}],"
               "'at':'2023-01-05T00:00:00Z','deliveredAt':'2023-01-06T00:00:00Z'},"
               "{'carrier':'first','items':[{'orderItemId':1,'qty':1}],"
               "'at':'2023-01-03T00:00:00Z'}]}\n");
    next();
    assert_done(shop_run(sh, unit.commands));
    assert_str(sh->order.shipments[0].carrier, "first");
    assert_int_equal(sh->order.shipments[0].delivered_at, 0);
    assert_true(sh->order.shipments[1].delivered_at > 0);
}

static void problems_point_into_the_line(void **state)
{
    (void)state;
    open_lines("{'items':[{'sku':'a','price':10}],'payments':[{'type':'capture'},{'type':'gift',"
               "'at':'noon'}],'shipments':{},'canceled':{'why':1},'extra':1}\n");
    next();
    assert_null(unit.commands);
    assert_true(has_note("invalid", "/items/0/qty: "));
    assert_true(has_note("invalid", "/payments/1/type: "));
    assert_true(has_note("invalid", "/shipments: "));
    assert_true(has_note("invalid", "/canceled/why: "));
    assert_true(has_note("invalid", "/extra: "));
}

static void bad_line_does_not_stop_the_import(void **state)
{
    (void)state;
    open_lines("{'items':\n\n[1]\n{" ITEMS "}");
    next();
    assert_null(unit.commands);
    assert_int_equal(unit.line, 1);
    assert_true(has_note("malformed", "column 10"));
    next();
    assert_null(unit.commands);
    assert_int_equal(unit.line, 3);
    next();
    assert_non_null(unit.commands);
    assert_int_equal(unit.line, 4);
}

static void line_without_uuid_is_known_by_its_digest(void **state)
{
    (void)state;
    char first[128];
    open_lines("{" ITEMS "}\n  {" ITEMS "}\n{" ITEMS ",'tags':['x']}\n");
    next();
    const struct od_uuid uuid = unit.uuid;
    assert_false(od_uuid_is_zero(&uuid));
    assert_memory_equal(&unit.commands->draft->uuid, &uuid, sizeof uuid);
    snprintf(first, sizeof first, "%.*s", OD_STR_ARG(unit.key));
    assert_int_equal(strlen(first), strlen("import:") + OD_SHA256_HEX);
    next();
    assert_true(od_str_is(unit.key, first));
    assert_memory_equal(&unit.uuid, &uuid, sizeof uuid);
    next();
    assert_false(od_str_is(unit.key, first));
    assert_memory_not_equal(&unit.uuid, &uuid, sizeof uuid);
}

static void inventory_line_sets_stock(void **state)
{
    struct shop *sh = *state;
    open_lines("{'inventory':{'sku':'a','qty':7}}\n{'inventory':{'sku':'a'}}\n"
               "{'inventory':{'qty':1}}\n{'inventory':{'sku':'a','qty':1},'items':[]}\n");
    next();
    assert_done(shop_run(sh, unit.commands));
    assert_int_equal(sh->skus[0].on_hand, 7);
    assert_true(unit.key.ptr);
    next();
    assert_null(unit.commands);
    assert_true(has_note("invalid", "/inventory: must hold either qty or delta"));
    next();
    assert_true(has_note("invalid", "/inventory/sku: "));
    next();
    assert_null(unit.commands);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(line_tells_the_whole_life),
        CASE(refusal_of_a_part_leaves_nothing_of_the_order),
        CASE(history_overrules_the_same),
        CASE(parcels_are_numbered_by_their_times),
        CASE(problems_point_into_the_line),
        CASE(bad_line_does_not_stop_the_import),
        CASE(line_without_uuid_is_known_by_its_digest),
        CASE(inventory_line_sets_stock),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
