#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "../pg/fixture.h"
#include "base/money.h"
#include "order/model/model.h"
#include "order/model/status.h"
#include "pg/migrate.h"
#include "store/read/list.h"
#include "store/read/search.h"
#include "store/search/search.h"

/*
 * Filters against a real PostgreSQL: random searches over random orders, with values that are
 * absent and lists that are empty, find what a look at every order finds.
 */

enum { ORDERS = 120, SEARCHES = 600, VALUES = 3 };

static struct od_loop loop;
static struct od_pg_private *cluster;
static struct od_pg_conn *conn;
static struct od_arena arena;
static char dir[64];
static uint64_t seed = UINT64_C(0x9E3779B97F4A7C15);

static uint32_t below(uint32_t n)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)((seed * UINT64_C(2685821657736338717)) >> 33) % n;
}

static struct od_status codes[] = {{.code = OD_STR_INIT("pending")},
                                   {.code = OD_STR_INIT("paid")},
                                   {.code = OD_STR_INIT("shipped")}};
static const struct od_status_sets statuses = {{{codes, 3}, {codes, 3}, {codes, 3}}};

/* What is filtered on: its words, and whether an order has one, at most one, or many. */
static const struct subject {
    const char *filter;
    enum { ONE, MAYBE, MANY } has;
    bool any_case;
    const char *words[4];
    const char *parts[2]; /* of words; NULL: parts cannot be asked for */
} subjects[] = {
    {"status", ONE, false, {"pending", "paid", "shipped", "paid"}, {NULL, NULL}},
    {"customerId", MAYBE, false, {"1", "2", "c-3", ""}, {NULL, NULL}},
    {"customerEmail",
     MAYBE,
     true,
     {"Ana@Example.org", "ana@example.org", "bo@x.org", "BO@x.org"},
     {"a@EXAMPLE", "o@x.org"}},
    {"coupon", MAYBE, false, {"X", "x", "SUMMER", "it's"}, {NULL, NULL}},
    {"store", MAYBE, false, {"basel", "bern", "Basel", "nord"}, {"BAS", "ern"}},
    {"sku", MANY, false, {"A", "B", "C", "a"}, {NULL, NULL}},
    {"carrier", MANY, false, {"DHL", "UPS", "Post", "dhl"}, {"dhl", "POST"}},
    {"hold", MANY, false, {"fraud", "stock", "address", "x"}, {"RAU", "toc"}},
    {"tag", MANY, false, {"archived", "x", "gift", "Gift"}, {NULL, NULL}},
    {"decidedBy",
     MANY,
     false,
     {"order.cancel@net30", "order.status", "command.x@b", "order.ship@b"},
     {NULL, NULL}},
    {"refusedBy",
     MAYBE,
     false,
     {"order.cancel@net30", "order.ship@b", "order.ship@b", "a@b"},
     {NULL, NULL}},
    {"bundle", MANY, false, {"1", "2", "3", "12"}, {NULL, NULL}},
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects, COUPON = 3, DECIDED = 9, REFUSED, BUNDLE };

static struct order {
    const char *has[SUBJECTS][VALUES]; /* NULL: nothing */
    int64_t grand_total;
} orders[ORDERS]; /* order_id is the index + 1 */

static void make_order(struct order *o)
{
    o->grand_total = 1000 * (1 + below(5));
    for (int s = 0; s < SUBJECTS; s++) {
        uint32_t most = subjects[s].has == MANY ? VALUES : 1;
        uint32_t n = subjects[s].has == ONE ? 1 : below(most + 1);
        for (uint32_t i = 0; i < n; i++) {
            const char *word = subjects[s].words[below(4)];
            for (uint32_t j = 0; j < i && word; j++)
                word = strcmp(word, o->has[s][j] ? o->has[s][j] : "") == 0 ? NULL : word;
            o->has[s][i] = word;
            if (!word)
                break;
        }
    }
}

/* As an SQL literal, null when there is none; NULL leaves no trace in lists. */
static const char *literal(const char *word)
{
    struct od_buf b;
    if (!word)
        return "null";
    od_buf_init(&b, 200);
    od_buf_char(&b, '\'');
    for (; *word; word++)
        od_buf_printf(&b, *word == '\'' ? "''" : "%c", *word);
    od_buf_char(&b, '\'');
    const char *text = od_arena_str(&arena, od_buf_view(&b)).ptr;
    od_buf_fini(&b);
    return text;
}

static const char *tags_of(const char *const *words, int id)
{
    struct od_str list = OD_STR("");
    if (!words[0] && id % 2)
        return "null";
    for (int i = 0; i < VALUES && words[i]; i++)
        list = od_arena_printf(&arena, "%.*s%s\"%s\"", OD_STR_ARG(list), i ? "," : "", words[i]);
    return od_arena_printf(&arena, "'[%.*s]'", OD_STR_ARG(list)).ptr;
}

/* Seconds since 1970: several orders at once, and each changed at another time than in their order.
 */
static int64_t created(int64_t id)
{
    return 1767225600 + id / 3; /* 2026-01-01 */
}

static int64_t updated(int64_t id)
{
    return 1769904000 + id * 37 % 61; /* 2026-02-01 */
}

/* An event that a policy and a bundle decided, and another that history has in spite of a policy.
 */
static void insert_event(int id, int seq, const char *policy, const char *bundle,
                         const char *overruled)
{
    fixture_exec(conn, od_arena_printf(&arena,
                                       "insert into order_event (order_id, seq, type, at,"
                                       " recorded_at, bundle_id, policy, overruled, data) values"
                                       " (%d, %d, 'order.updated', now(), now(), %s, %s, %s, '{}')",
                                       id, seq, bundle ? bundle : "0", literal(policy),
                                       literal(overruled))
                           .ptr);
}

static void insert_events(int id, struct order *o)
{
    const char *refused = o->has[REFUSED][0];
    bool told = !refused;
    for (int i = 0; i < VALUES; i++) {
        const char *policy = o->has[DECIDED][i];
        bool refuses = refused && policy && strcmp(policy, refused) == 0;
        const char *question = refuses ? od_arena_printf(&arena, "order.x: no; %.*s: not so",
                                                         (int)strcspn(refused, "@"), refused)
                                             .ptr
                                       : NULL;
        insert_event(id, i + 1, policy, o->has[BUNDLE][i], question);
        told = told || refuses;
    }
    if (!told) /* only a policy that was asked can have refused */
        o->has[REFUSED][0] = NULL;
}

static void insert(int id, struct order *o)
{
    insert_events(id, o);
    fixture_exec(
        conn,
        od_arena_printf(
            &arena,
            "insert into orders (order_id, uuid, order_number, version, currency, created_at,"
            " updated_at, status, payment_status, shipment_status, customer_id, customer_email,"
            " coupon, store, sub_total, sub_total_incl_tax, discount_amount, tax_amount,"
            " shipping_fee_excl_tax, shipping_fee_incl_tax, grand_total, total_qty, total_weight,"
            " amount_authorized, amount_captured, amount_refunded, tags, historical)"
            " values (%d, gen_random_uuid(), 'N-%d', 1, 'EUR', to_timestamp(%lld), "
            "to_timestamp(%lld),"
            " %s, 'pending', 'pending', %s, %s, %s, %s, 0, 0, 0, 0, 0, 0, %lld, 1, 0, 0, 0, 0, %s, "
            "false)",
            id, id, (long long)created(id), (long long)updated(id), literal(o->has[0][0]),
            literal(o->has[1][0]), literal(o->has[2][0]), literal(o->has[COUPON][0]),
            literal(o->has[4][0]), (long long)o->grand_total, tags_of(o->has[8], id))
            .ptr);
    for (int i = 0; i < VALUES; i++) {
        if (o->has[5][i])
            fixture_exec(conn, od_arena_printf(
                                   &arena,
                                   "insert into order_item (order_id, order_item_id, sku, weight,"
                                   " qty, price, final_price, final_price_incl_tax, tax_percent,"
                                   " tax_amount, discount_amount, sub_total, total, qty_shipped,"
                                   " qty_delivered, qty_canceled, qty_returned, qty_refunded,"
                                   " stock_tracked) values (%d, %d, %s, 0, 1, 0, 0, 0, 0, 0, 0, 0,"
                                   " 0, 0, 0, 0, 0, 0, false)",
                                   id, i + 1, literal(o->has[5][i]))
                                   .ptr);
        /* a parcel without a carrier is one, too */
        if (o->has[6][i] || id % 3 == 0)
            fixture_exec(conn, od_arena_printf(&arena,
                                               "insert into shipment (order_id, shipment_id,"
                                               " shipment_number, carrier, status)"
                                               " values (%d, %d, 'N-%d-%d', %s, 'shipped')",
                                               id, i + 1, id, i + 1, literal(o->has[6][i]))
                                   .ptr);
        if (o->has[7][i])
            fixture_exec(conn, od_arena_printf(&arena,
                                               "insert into order_hold (order_id, handle, at)"
                                               " values (%d, %s, now())",
                                               id, literal(o->has[7][i]))
                                   .ptr);
    }
}

static void put_ids(struct od_pg_params *p)
{
    od_pg_array_begin(p, OD_PG_INT8);
    for (int i = 0; i < ORDERS; i++)
        od_pg_array_i64(p, i + 1);
    od_pg_array_end(p);
}

/* Into the projections that are searched. */
static void fold_into(const char *sql)
{
    static const uint32_t oids[] = {OD_PG_INT8_ARRAY};
    const struct od_pg_stmt stmt = {.sql = sql, .nparams = 1, .param_oids = oids};
    struct od_pg_params *p = od_pg_params(conn);
    struct od_err err;
    put_ids(p);
    if (od_pg_exec_wait(conn, &stmt, p, NULL, NULL, &err))
        fail_msg("%s", err.message);
}

static void fold(void)
{
    fold_into(od_list_fold);
    fold_into(od_search_doc_fold);
}

static void count_rows(void *ctx, const struct od_pg_result *r)
{
    for (int i = 0; i < r->rows; i++)
        print_message("order %lld: %.*s\n", (long long)od_pg_get_i64(r, i, 0),
                      OD_STR_ARG(od_pg_get_text(r, i, 1)));
    *(int *)ctx = r->rows;
}

/* How many differences the projection's own proof finds. */
static int differences(void)
{
    static const uint32_t oids[] = {OD_PG_INT8_ARRAY};
    const struct od_pg_stmt stmt = {.sql = od_list_differ, .nparams = 1, .param_oids = oids};
    struct od_pg_params *p = od_pg_params(conn);
    struct od_err err;
    int rows = -1;
    put_ids(p);
    if (od_pg_exec_wait(conn, &stmt, p, count_rows, &rows, &err))
        fail_msg("%s", err.message);
    return rows;
}

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
    if (od_pg_migrate(conn, OD_SOURCE_DIR "/core/store/migrations", NULL, &err))
        fail_msg("%s", err.message);
    fixture_exec(conn, "begin");
    for (int i = 0; i < ORDERS; i++) {
        make_order(&orders[i]);
        insert(i + 1, &orders[i]);
    }
    fixture_exec(conn, "commit");
    fold();
    fold(); /* changes nothing */
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

static struct od_search search(void)
{
    return (struct od_search){.arena = &arena,
                              .statuses = &statuses,
                              .sort = OD_STR("orderId"),
                              .limit = OD_SEARCH_LIMIT};
}

static void take(void *ctx, const struct od_pg_result *r)
{
    bool *found = ctx;
    for (int i = 0; i < r->rows; i++)
        found[od_pg_get_i64(r, i, 0) - 1] = true;
}

static void run(const struct od_search *s, bool found[ORDERS])
{
    struct od_err err;
    struct od_pg_stmt stmt = {0};
    struct od_pg_params *params = od_pg_params(conn);
    if (od_search_sql(s, params, &stmt.sql, &err))
        fail_msg("%s", err.message);
    stmt.nparams = params->count;
    memset(found, 0, ORDERS);
    if (od_pg_exec_wait(conn, &stmt, params, take, found, &err))
        fail_msg("%s: %s", stmt.sql, err.message);
}

static bool same(const struct subject *s, const char *x, const char *y)
{
    return (s->any_case ? strcasecmp(x, y) : strcmp(x, y)) == 0;
}

/* One filter, and which orders it finds. */
struct filter {
    const struct subject *subject;
    enum { EQ, NEQ, IN, NIN, EXISTS, MISSING, LIKE, FILTERS } kind;
    const char *values[2];
};

static bool fits(const struct order *o, const struct filter *f)
{
    const char *const *has = o->has[f->subject - subjects];
    bool any = false;
    for (int i = 0; f->kind == LIKE && i < VALUES && has[i]; i++)
        any |= strcasestr(has[i], f->values[0]) != NULL;
    for (int i = 0; f->kind != LIKE && i < VALUES && has[i]; i++) {
        for (int j = 0; j < (f->kind == IN || f->kind == NIN ? 2 : 1); j++)
            any |= same(f->subject, has[i], f->values[j]);
    }
    switch (f->kind) {
    case EQ:
    case IN:
    case LIKE:
        return any;
    case NEQ:
    case NIN:
        return !any;
    case EXISTS:
        return has[0];
    case MISSING:
        return !has[0];
    case FILTERS:
        break;
    }
    return false;
}

static void add(struct od_search *s, const char *name, const char *value)
{
    struct od_err err;
    if (od_search_filter(s, od_str_of(name), od_str_of(value), &err))
        fail_msg("%s=%s: %s", name, value, err.message);
}

static struct filter add_random(struct od_search *s)
{
    static const char *const suffixes[FILTERS] = {"",        ".neq",    ".in",  ".nin",
                                                  ".exists", ".exists", ".like"};
    const struct subject *subject = &subjects[below(SUBJECTS)];
    struct filter f = {.subject = subject, .kind = below(FILTERS)};
    const char *value;
    if (f.kind == LIKE && !subject->parts[0])
        f.kind = EQ;
    for (int i = 0; i < 2; i++)
        f.values[i] = f.kind == LIKE ? subject->parts[below(2)] : subject->words[below(4)];
    if (f.kind == EQ || f.kind == NEQ || f.kind == LIKE)
        value = f.values[0];
    else if (f.kind == IN || f.kind == NIN)
        value = od_arena_printf(&arena, "%s,%s", f.values[0], f.values[1]).ptr;
    else
        value = f.kind == EXISTS ? "true" : "false";
    add(s, od_arena_printf(&arena, "%s%s", subject->filter, suffixes[f.kind]).ptr, value);
    return f;
}

static struct od_str word(const char *text)
{
    return text ? od_str_of(text) : OD_STR_NONE;
}

/* The order as the feed has it in memory. */
static const struct od_order *in_memory(const struct order *of, int id)
{
    struct od_order *o = OD_NEW(&arena, struct od_order);
    o->currency = OD_STR("EUR");
    o->status = word(of->has[0][0]);
    o->customer_id = word(of->has[1][0]);
    o->customer_email = word(of->has[2][0]);
    o->coupon = word(of->has[COUPON][0]);
    o->store = word(of->has[4][0]);
    o->grand_total = of->grand_total;
    o->items = OD_NEW_ARRAY(&arena, struct od_item, VALUES);
    o->shipments = OD_NEW_ARRAY(&arena, struct od_shipment, VALUES);
    o->holds = OD_NEW_ARRAY(&arena, struct od_hold, VALUES);
    for (int i = 0; i < VALUES; i++) {
        if (of->has[5][i])
            o->items[o->item_count++].sku = word(of->has[5][i]);
        if (of->has[6][i] || id % 3 == 0)
            o->shipments[o->shipment_count++].carrier = word(of->has[6][i]);
        if (of->has[7][i])
            o->holds[o->hold_count++].handle = word(of->has[7][i]);
    }
    const char *tags = tags_of(of->has[8], id);
    if (*tags == '\'')
        o->tags = od_str_n(tags + 1, strlen(tags) - 2);
    return o;
}

static struct od_str words(const char *const *has)
{
    struct od_str text = OD_STR("");
    for (int i = 0; i < VALUES && has[i]; i++)
        text = od_arena_printf(&arena, "%.*s %s", OD_STR_ARG(text), has[i]);
    return text;
}

static bool finds_in_memory(const struct od_search *s, int o)
{
    struct od_filter_trail trail = {.decided = words(orders[o].has[DECIDED]),
                                    .refused = words(orders[o].has[REFUSED]),
                                    .bundles = words(orders[o].has[BUNDLE])};
    return od_search_finds(s->filters, s->filter_count, in_memory(&orders[o], o + 1), &trail);
}

/* Of an order in memory the same filters say the same. */
static void finds_alike(const struct od_search *s, const bool found[ORDERS])
{
    for (int o = 0; o < ORDERS; o++) {
        bool finds = finds_in_memory(s, o);
        if (finds != found[o])
            fail_msg("order %d is %s in memory by field %d, operation %d, %.*s", o + 1,
                     finds ? "found" : "not found", (int)s->filters[0].field,
                     (int)s->filters[0].operation, OD_STR_ARG(s->filters[0].value));
    }
}

static void random_filters_find_what_a_look_at_every_order_finds(void **state)
{
    (void)state;
    uint32_t hits = 0;
    for (int n = 0; n < SEARCHES; n++) {
        struct od_search s = search();
        struct filter filters[3];
        bool found[ORDERS];
        uint32_t count = 1 + below(3);
        for (uint32_t i = 0; i < count; i++)
            filters[i] = add_random(&s);
        run(&s, found);
        for (int o = 0; o < ORDERS; o++) {
            bool wanted = true;
            for (uint32_t i = 0; i < count; i++)
                wanted &= fits(&orders[o], &filters[i]);
            hits += wanted;
            if (found[o] != wanted)
                fail_msg("order %d is %s by field %d, operation %d, %.*s and %u more", o + 1,
                         found[o] ? "found" : "not found", (int)s.filters[0].field,
                         (int)s.filters[0].operation, OD_STR_ARG(s.filters[0].value), count - 1);
        }
        finds_alike(&s, found);
    }
    assert_true(hits > SEARCHES); /* the searches are not all empty */
}

static void amounts_are_compared_and_negated(void **state)
{
    (void)state;
    for (int n = 0; n < 60; n++) {
        static const char *const names[] = {"grandTotal.neq", "grandTotal.gt",  "grandTotal.gte",
                                            "grandTotal.lt",  "grandTotal.lte", "grandTotal.nin"};
        struct od_search s = search();
        bool found[ORDERS];
        int64_t limit = 10 + 10 * below(5);
        uint32_t op = below(6);
        add(&s, names[op], od_arena_printf(&arena, "%lld", (long long)limit).ptr);
        run(&s, found);
        finds_alike(&s, found);
        for (int o = 0; o < ORDERS; o++) {
            int64_t total = orders[o].grand_total / 100;
            assert_int_equal(found[o], op == 0 || op == 5 ? total != limit
                                       : op == 1          ? total > limit
                                       : op == 2          ? total >= limit
                                       : op == 3          ? total < limit
                                                          : total <= limit);
        }
    }
}

/* ---- pages */

struct page {
    struct od_search *search;
    int64_t ids[ORDERS + 1];
    int count;
    bool more;
};

static void take_page(void *ctx, const struct od_pg_result *r)
{
    struct page *p = ctx;
    p->more = r->rows > (int)p->search->limit;
    for (int i = 0; i < r->rows && i < (int)p->search->limit; i++) {
        if (p->count < ORDERS)
            p->ids[p->count] = od_pg_get_i64(r, i, 0);
        p->count++;
        p->search->after =
            od_search_cursor(p->search, od_pg_get_text(r, i, 1), od_pg_get_i64(r, i, 0));
        assert_int_equal(od_pg_get_i32(r, i, 2), 1); /* the version */
    }
}

static void read_page(struct od_search *s, struct page *p)
{
    struct od_err err;
    struct od_pg_stmt stmt = {0};
    struct od_pg_params *params = od_pg_params(conn);
    if (od_search_sql(s, params, &stmt.sql, &err))
        fail_msg("%s", err.message);
    stmt.nparams = params->count;
    if (od_pg_exec_wait(conn, &stmt, params, take_page, p, &err))
        fail_msg("%s: %s", stmt.sql, err.message);
}

static int64_t sort_key(const char *sort, int64_t id)
{
    const struct order *o = &orders[id - 1];
    return strstr(sort, "grandTotal")  ? o->grand_total
           : strstr(sort, "createdAt") ? created(id)
           : strstr(sort, "updatedAt") ? updated(id)
                                       : id;
}

/* Pages of any size lead through all that is found, in order, each once. */
static void pages_of_every_sort_lead_through_all_that_is_found(void **state)
{
    (void)state;
    static const char *const sorts[] = {"createdAt",  "-createdAt",  "updatedAt", "-updatedAt",
                                        "grandTotal", "-grandTotal", "orderId",   "-orderId"};
    for (int n = 0; n < SEARCHES; n++) {
        struct od_search s = search();
        struct page p = {.search = &s};
        bool found[ORDERS];
        int wanted = 0;
        uint32_t count = below(4);
        for (uint32_t i = 0; i < count; i++)
            add_random(&s);
        if (below(3) == 0)
            add(&s, "createdAt.gte", "2026-01-01T00:00:40Z");
        if (below(3) == 0)
            add(&s, "updatedAt.lt", "2026-02-01T00:00:30Z");
        if (below(3) == 0)
            add(&s, "grandTotal.gt", "20");
        run(&s, found);
        for (int o = 0; o < ORDERS; o++)
            wanted += found[o];
        const char *sort = sorts[below(8)];
        s.sort = od_str_of(sort);
        s.limit = 1 + below(9);
        s.few = below(2); /* 1: of more than one order by class */
        do {
            read_page(&s, &p);
        } while (p.more && p.count <= ORDERS);
        assert_int_equal(p.count, wanted);
        for (int i = 0; i < p.count; i++) {
            assert_true(found[p.ids[i] - 1]);
            if (i == 0)
                continue;
            int64_t x = sort_key(sort, p.ids[i - 1]), y = sort_key(sort, p.ids[i]);
            bool falls = *sort == '-';
            assert_true(falls ? x > y || (x == y && p.ids[i - 1] > p.ids[i])
                              : x < y || (x == y && p.ids[i - 1] < p.ids[i]));
        }
    }
}

/* ---- the projection */

static void a_fold_leaves_nothing_to_prove_and_heals_what_differs(void **state)
{
    static const char *const damages[] = {
        "update order_list set version = 0 where order_id = 7",
        "update order_list set amount = amount + 1 where order_id = 7",
        "update order_list set class_id = (select max(class_id) from list_class where class_id <>"
        " order_list.class_id) where order_id = 7",
        "delete from order_list where order_id = 7",
        "insert into order_list_value values (7, 4, 'of another order', now())",
        "update order_list_value set created_at = now() where order_id = 7",
    };
    (void)state;
    assert_int_equal(differences(), 0);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        fixture_exec(conn, damages[i]);
        assert_true(differences() > 0);
        fold();
        assert_int_equal(differences(), 0);
    }
    fixture_exec(conn,
                 "update orders set status = 'shipped', customer_id = 'new' where order_id = 9");
    assert_true(differences() > 0);
    fold();
    assert_int_equal(differences(), 0);
    orders[8].has[0][0] = "shipped";
    orders[8].has[1][0] = "new";
}

/* The statement of the fold has its own list of the currencies whose digits are not two. */
static void take_amounts(void *ctx, const struct od_pg_result *r)
{
    (void)ctx;
    for (int i = 0; i < r->rows; i++) {
        int digits = od_currency_digits(od_pg_get_text(r, i, 0));
        int64_t wanted = 7;
        while (digits++ < 4)
            wanted *= 10;
        if (od_pg_get_i64(r, i, 1) != wanted)
            fail_msg("%.*s has another number of digits in the fold",
                     OD_STR_ARG(od_pg_get_text(r, i, 0)));
    }
}

static void amounts_of_every_currency_are_scaled_alike(void **state)
{
    struct od_err err;
    const char *code;
    int digits;
    (void)state;
    const struct od_pg_stmt read = {.sql =
                                        "select o.currency, l.amount from orders o join order_list"
                                        " l using (order_id) where order_id <= 120"};
    fixture_exec(conn,
                 "create temp table before as select order_id, currency, grand_total from orders");
    for (size_t first = 0; od_currency_at(first, &digits); first += ORDERS) {
        fixture_exec(conn, "update orders set grand_total = 7, currency = 'EUR'");
        for (size_t i = 0; i < ORDERS && (code = od_currency_at(first + i, &digits)); i++)
            fixture_exec(conn, od_arena_printf(&arena,
                                               "update orders set currency = '%.3s' where"
                                               " order_id = %zu",
                                               code, i + 1)
                                   .ptr);
        fold();
        if (od_pg_exec_wait(conn, &read, NULL, take_amounts, NULL, &err))
            fail_msg("%s", err.message);
    }
    fixture_exec(conn, "update orders o set currency = b.currency, grand_total = b.grand_total"
                       " from before b where b.order_id = o.order_id");
    fold();
}

static const char *refusal(const char *name, const char *value)
{
    struct od_search s = search();
    struct od_err err = {0};
    assert_int_equal(od_search_filter(&s, od_str_of(name), od_str_of(value), &err), -1);
    assert_int_equal(err.code, OD_ERR_INVALID);
    return od_arena_str(&arena, od_str_of(err.message)).ptr;
}

static void what_means_nothing_is_refused(void **state)
{
    (void)state;
    (void)refusal("store.gte", "a");
    (void)refusal("colour", "red");
    (void)refusal("coupon.exists", "yes");
    (void)refusal("status.like", "p%");
}

static void an_unknown_code_is_refused_by_naming_the_known_ones(void **state)
{
    (void)state;
    static const char *const names[] = {"status", "paymentStatus.neq", "shipmentStatus.in",
                                        "status.nin"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *message = refusal(names[i], "payed");
        assert_non_null(strstr(message, "there is no status \"payed\""));
        assert_non_null(strstr(message, "pending, paid, shipped"));
    }
    assert_non_null(strstr(refusal("status.in", "paid,payed"), "\"payed\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_filters_find_what_a_look_at_every_order_finds),
        cmocka_unit_test(amounts_are_compared_and_negated),
        cmocka_unit_test(pages_of_every_sort_lead_through_all_that_is_found),
        cmocka_unit_test(a_fold_leaves_nothing_to_prove_and_heals_what_differs),
        cmocka_unit_test(amounts_of_every_currency_are_scaled_alike),
        cmocka_unit_test(what_means_nothing_is_refused),
        cmocka_unit_test(an_unknown_code_is_refused_by_naming_the_known_ones),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
