#include "api/at.h"
#include "api/graphql/ask.h"
#include "api/reads/filters.h"
#include "api/reads/lookup.h"
#include "order/model/parts.h"
#include "order/show/render.h"
#include "pg/conn.h"
#include "store/load/load.h"
#include "store/search/customer.h"
#include "store/search/page.h"

/*
 * Reads what the root fields of a query ask for. Each takes a fixed number of statements, however
 * many orders it finds: a list takes one for its ids, one for its total where that is asked for,
 * one for the orders, and one for each kind of part that is selected.
 */

enum { PAGE_MAX = 10000, TREE_MAX = 1 << 20, TREE_DEPTH = 32 };

struct load {
    struct od_ask *ask;
    struct od_gql_plan_field *field;
    struct od_gql_loaded loaded;
    void (*done)(struct od_ask *ask);

    /* Of a list. */
    struct od_search search;
    struct od_pg_stmt ids, count;
    struct od_set set;
    struct od_search_page page;
    struct od_gql_orders orders;
    struct od_gql_order *rows;
    int32_t events; /* how many of each order's, 0: none */

    struct od_lookup *lookup; /* with `query` */

    struct od_read_at read;       /* of one order */
    struct od_str sku, id, email; /* of a list: of the customer whose orders it has */
    struct od_buf tree;
    struct od_json_writer writer;
    bool found;
};

/* A read has ended. The last one answers. */
static void end(struct load *l, const struct od_err *err)
{
    struct od_ask *ask = l->ask;

    if (err && err->code == OD_ERR_UNAVAILABLE)
        ask->failed = *err;
    else if (err) {
        l->loaded.failed = od_arena_str(&ask->req->arena, od_str_of(err->message));
        l->loaded.code = OD_STR("bad_query");
    }
    if (--ask->loading == 0)
        l->done(ask);
}

static void end_query(struct load *l, bool failed)
{
    struct od_err err;

    (void)od_err_set(&err, OD_ERR_UNAVAILABLE, "query failed");
    end(l, failed ? &err : NULL);
}

/* Ends the pipeline of what was sent since `before` (od_pg_statements). */
static void end_pipeline(struct load *l, uint64_t before, void (*on_sync)(void *ctx, bool failed))
{
    struct od_pg_conn *conn = l->ask->api->query;

    l->ask->statements += od_pg_statements(conn) - before;
    od_pg_sync(conn, on_sync, l);
}

static const struct od_json *argument(const struct load *l, const char *name)
{
    const struct od_json *v = od_json_get(l->field->arguments, name);

    return v && v->type != OD_JSON_NULL ? v : NULL;
}

static struct od_str text_of(const struct load *l, const char *name)
{
    const struct od_json *v = argument(l, name);

    return v ? v->text : OD_STR_NONE;
}

/* What must be read of the orders of a list: the most that any alias of its items asks for. Returns
 * the parts that none does (od_set.left_out). */
static uint32_t read_items(struct load *l)
{
    uint32_t left_out = UINT32_MAX;
    for (const struct od_gql_plan_field *f = l->field->below->fields; f; f = f->next) {
        if (!od_str_is(f->field->name, "items"))
            continue;
        int32_t events = od_ask_events_wanted(f->below);
        l->events = events > l->events ? events : l->events;
        left_out &= od_ask_left_out(f->below);
    }
    return left_out;
}

static void on_events(void *ctx, bool failed)
{
    end_query(ctx, failed);
}

/* Reads the events of the rows, if they are asked for; else it is done. */
static void load_events(struct load *l)
{
    if (l->events && l->orders.count)
        od_ask_events(l->ask, l->rows, l->orders.count, l->events, on_events, l);
    else
        end(l, NULL);
}

/* One order */

static void on_order(void *ctx, const struct od_outcome *outcome, const struct od_err *err)
{
    struct load *l = ctx;
    struct od_arena *a = &l->ask->req->arena;

    if (l->read.missing) /* null */
        err = NULL;
    if (err || !outcome || !outcome->order) {
        end(l, err);
        return;
    }
    l->rows = OD_NEW(a, struct od_gql_order);
    l->rows[0] = (struct od_gql_order){
        .root = &l->ask->root,
        .order = od_order_keep(a, outcome->order),
        .activities = od_arena_str(a, outcome->activities),
    };
    l->orders.count = 1;
    l->loaded.order = l->rows;
    load_events(l);
}

static void load_order(struct load *l)
{
    static const char *const names[] = {"id", "uuid", "orderNumber"};
    struct od_str ref = OD_STR_NONE;
    struct od_err err;
    int given = 0;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct od_str text = text_of(l, names[i]);
        given += text.ptr != NULL;
        if (text.ptr)
            ref = text;
    }
    if (given != 1) {
        (void)od_err_set(&err, OD_ERR_INVALID,
                         "An order is named by exactly one of id, uuid and orderNumber.");
        end(l, &err);
        return;
    }
    /* An id is the internal one, as Order.orderId has it, where it is digits alone. */
    if (argument(l, "id") && od_str_to_i64(ref, 1, INT64_MAX, &l->read.read.ref.order_id))
        l->read.read.order_id = l->read.read.ref.order_id;
    else if (!od_order_ref_parse(ref, &l->read.read.ref)) {
        end(l, NULL);
        return;
    }
    struct od_str at = text_of(l, "at");
    if (at.ptr && od_read_at_parse(at, &l->read, &err)) {
        end(l, &err);
        return;
    }
    l->events = od_ask_events_wanted(l->field->below);
    l->read.api = l->ask->api;
    l->read.ctx = l;
    l->read.done = on_order;
    od_read_at(&l->read);
}

/* A list */

static void begin_rows(struct load *l, size_t most)
{
    l->rows = OD_NEW_ARRAY(&l->ask->req->arena, struct od_gql_order, most + 1);
    l->orders.orders = l->rows;
}

static void add_row(struct load *l, const struct od_loaded *one)
{
    l->rows[l->orders.count++] = (struct od_gql_order){
        .root = &l->ask->root, .order = one->order, .activities = one->activities};
}

static void on_orders(void *ctx, bool failed)
{
    struct load *l = ctx;

    od_set_fini(&l->set);
    if (failed) {
        end_query(l, true);
        return;
    }
    begin_rows(l, l->set.order_count);
    for (size_t i = 0; i < l->set.order_count; i++) {
        if (od_search_page_shows(&l->page, i))
            add_row(l, l->set.orders[i]);
    }
    load_events(l);
}

static void on_ids(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct load *l = ctx;

    if (err)
        return;
    od_search_page_take(&l->page, r);
    l->orders.next = l->page.next;
}

static void on_count(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct load *l = ctx;

    if (!err && r->rows)
        l->orders.total = od_pg_get_i64(r, 0, 0);
}

static void on_found(void *ctx, bool failed)
{
    struct load *l = ctx;

    if (failed || !od_ask_selects(l->field->below, "items", NULL) || !l->set.order_count) {
        od_set_fini(&l->set);
        end_query(l, failed);
        return;
    }
    l->set.left_out = read_items(l);
    uint64_t before = od_pg_statements(l->ask->api->query);
    od_search_page_load(&l->page, l->ask->api->query);
    end_pipeline(l, before, on_orders);
}

int od_ask_filter_name(const struct od_json *f, struct od_arena *a, struct od_str *name,
                       struct od_err *err)
{
    static const char *const renamed[][2] = {{"gteq", "gte"}, {"lteq", "lte"}};
    const struct od_json *op = od_json_get(f, "operation");
    struct od_str key = od_json_get(f, "key")->text;
    struct od_str operation = op && op->type == OD_JSON_STRING ? op->text : OD_STR("eq");

    for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++) {
        if (od_str_is(operation, renamed[i][0]))
            operation = od_str_of(renamed[i][1]);
    }
    if (memchr(key.ptr, '.', key.len))
        return od_err_set(err, OD_ERR_INVALID, "There is no filter \"%.*s\".",
                          (int)(key.len > 60 ? 60 : key.len), key.ptr);
    *name = od_str_is(operation, "eq")
                ? key
                : od_arena_printf(a, "%.*s.%.*s", OD_STR_ARG(key), OD_STR_ARG(operation));
    return 0;
}

static int read_filter(struct load *l, const struct od_json *f, struct od_err *err)
{
    struct od_str name = OD_STR_NONE;

    struct od_str value = od_json_get(f, "value")->text;

    if (od_ask_filter_name(f, l->search.arena, &name, err))
        return -1;
    return l->lookup ? od_lookup_filter(l->lookup, name, value, err)
                     : od_search_filter(&l->search, name, value, err);
}

static int read_page(struct load *l, struct od_err *err)
{
    const struct od_json *limit = argument(l, "limit"), *page = argument(l, "page");
    int64_t n = OD_SEARCH_DEFAULT_LIMIT, number = 1;

    if (limit && !od_json_i64(limit, 1, OD_SEARCH_LIMIT, &n))
        return od_err_set(err, OD_ERR_INVALID, "limit must be 1 to %d.", OD_SEARCH_LIMIT);
    if (page && !od_json_i64(page, 1, PAGE_MAX, &number))
        return od_err_set(err, OD_ERR_INVALID, "page must be 1 to %d.", PAGE_MAX);
    if (page && argument(l, "after"))
        return od_err_set(err, OD_ERR_INVALID, "page and after exclude each other.");
    if ((number - 1) * n >= OD_SEARCH_COUNT)
        return od_err_set(err, OD_ERR_INVALID,
                          "Pages end at %d orders; walk on with after, or filter.",
                          OD_SEARCH_COUNT);
    l->search.limit = (uint32_t)n;
    l->search.offset = (uint32_t)((number - 1) * n);
    l->orders.page = number;
    return 0;
}

static int read_search(struct load *l, struct od_err *err)
{
    const struct od_json *filters = argument(l, "filters");

    l->search.arena = &l->ask->req->arena;
    l->search.statuses = &l->ask->rules->statuses;
    l->search.sort = text_of(l, "sort");
    l->search.after = text_of(l, "after");
    if (read_page(l, err))
        return -1;
    if (l->id.ptr && od_search_filter(&l->search, OD_STR("customerId"), l->id, err))
        return -1;
    if (l->email.ptr && od_search_filter(&l->search, OD_STR("customerEmail"), l->email, err))
        return -1;
    for (const struct od_json *f = filters ? filters->child : NULL; f; f = f->next) {
        if (read_filter(l, f, err))
            return -1;
    }
    return 0;
}

static void find_orders(void *ctx, const struct od_err *wrong)
{
    struct load *l = ctx;
    struct od_pg_conn *conn = l->ask->api->query;
    struct od_pg_params *p = od_pg_params(conn);
    struct od_err err;

    if (wrong || od_search_sql(&l->search, p, &l->ids.sql, &err)) {
        end(l, wrong ? wrong : &err);
        return;
    }
    l->ids.nparams = p->count;
    od_set_init(&l->set, &l->ask->req->arena);
    od_search_page_init(&l->page, &l->search, &l->set);
    uint64_t before = od_pg_statements(conn);
    od_pg_send(conn, &l->ids, p, on_ids, l);
    if (od_gql_plan_named(l->field->below, "total")) {
        p = od_pg_params(conn);
        od_search_count_sql(&l->search, p, &l->count.sql);
        l->count.nparams = p->count;
        od_pg_send(conn, &l->count, p, on_count, l);
    }
    end_pipeline(l, before, on_found);
}

/* status: of od_api_await. */
static void on_listed(void *ctx, int status)
{
    struct load *l = ctx;
    struct od_err err;
    int rc = 0;

    if (status == 503)
        rc = od_err_set(&err, OD_ERR_UNAVAILABLE, "what must be shown is not listed yet");
    else if (status)
        rc = od_err_set(&err, OD_ERR_INVALID,
                        "Orderd-At-Least must be the Orderd-Position of a command's answer.");
    if (rc || read_search(l, &err))
        end(l, &err);
    else
        od_api_filters_ready(l->ask->api, l->ask->req, l->search.filters, l->search.filter_count,
                             find_orders, l);
}

/* What a person typed */

static void write_matches(struct load *l)
{
    struct od_arena *a = &l->ask->req->arena;
    struct od_err err;

    od_buf_init(&l->tree, TREE_MAX);
    od_jw_init(&l->writer, &l->tree);
    od_lookup_write_matches(l->lookup, &l->writer);
    if (od_json_parse(a, od_arena_str(a, od_buf_view(&l->tree)), TREE_DEPTH, &l->orders.matched,
                      &err))
        l->orders.matched = NULL;
    od_buf_fini(&l->tree);
}

static void on_lookup(void *ctx, const struct od_err *err)
{
    struct load *l = ctx;

    l->ask->statements += l->lookup->statements;
    if (err) {
        end(l, err);
        return;
    }
    begin_rows(l, l->lookup->shown);
    for (uint32_t i = 0; i < l->lookup->shown; i++) {
        if (od_lookup_shows(l->lookup, i))
            add_row(l, l->lookup->set.orders[i]);
    }
    l->orders.next = l->lookup->next;
    write_matches(l);
    od_set_fini(&l->lookup->set);
    load_events(l);
}

static int begin_lookup(struct load *l, struct od_err *err)
{
    struct od_lookup *k = OD_NEW(&l->ask->req->arena, struct od_lookup);

    if (argument(l, "sort") || argument(l, "page") || od_gql_plan_named(l->field->below, "total"))
        return od_err_set(err, OD_ERR_INVALID,
                          "What is found with query is ranked, and not counted; leave sort, page "
                          "and total out.");
    k->api = l->ask->api;
    k->req = l->ask->req;
    k->q = text_of(l, "query");
    k->after = text_of(l, "after");
    k->ctx = l;
    k->done = on_lookup;
    l->lookup = k;
    if (read_search(l, err))
        return -1;
    k->limit = l->search.limit;
    k->left_out = read_items(l);
    return od_lookup_begin(k, err);
}

static void load_orders(struct load *l)
{
    struct od_err err;

    l->loaded.orders = &l->orders;
    if (text_of(l, "query").len) {
        if (begin_lookup(l, &err))
            end(l, &err);
        return;
    }
    od_api_await(l->ask->api, l->ask->req, "list", on_listed, l);
}

/* Trees: a customer, the stock of a SKU */

static void begin_tree(struct load *l)
{
    od_buf_init(&l->tree, TREE_MAX);
    od_jw_init(&l->writer, &l->tree);
}

static void end_tree(struct load *l, bool failed)
{
    struct od_arena *a = &l->ask->req->arena;
    struct od_json *tree = NULL;
    struct od_err err;

    if (!failed && l->found && !l->tree.overflow &&
        od_json_parse(a, od_arena_str(a, od_buf_view(&l->tree)), TREE_DEPTH, &tree, &err) == 0)
        l->loaded.tree = tree;
    od_buf_fini(&l->tree);
    end_query(l, failed);
}

static struct od_str column(const struct od_pg_result *r, int row, int col)
{
    return od_pg_is_null(r, row, col) ? OD_STR_NONE : od_pg_get_text(r, row, col);
}

static void on_newest(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    static const char *const keys[] = {"id", "email", "fullName"};
    struct load *l = ctx;

    l->found = !err && r->rows;
    od_jw_object(&l->writer);
    for (int i = 0; l->found && i < 3; i++) {
        od_jw_key(&l->writer, keys[i]);
        od_jw_str(&l->writer, column(r, 0, i));
    }
}

static void write_sum(struct od_json_writer *w, const struct od_pg_result *r, int row)
{
    static const char *const keys[] = {"grandTotal", "amountCaptured", "amountRefunded"};
    struct od_str currency = od_pg_get_text(r, row, 0);
    struct od_order o = {.currency = currency};
    int digits = od_order_digits(&o);

    od_jw_object(w);
    od_jw_key(w, "currency");
    od_jw_str(w, currency);
    od_jw_key(w, "orders");
    od_jw_i64(w, od_pg_get_i64(r, row, 1));
    for (int i = 0; i < 3; i++) {
        od_jw_key(w, keys[i]);
        od_jw_decimal(w, od_pg_get_i64(r, row, 2 + i), digits);
    }
    od_jw_object_end(w);
}

static void on_sums(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct load *l = ctx;
    int64_t orders = 0;

    if (err)
        return;
    od_jw_key(&l->writer, "sums");
    od_jw_array(&l->writer);
    for (int i = 0; i < r->rows; i++) {
        orders += od_pg_get_i64(r, i, 1);
        write_sum(&l->writer, r, i);
    }
    od_jw_array_end(&l->writer);
    od_jw_key(&l->writer, "orderCount");
    od_jw_i64(&l->writer, orders);
    od_jw_object_end(&l->writer);
}

static void on_customer(void *ctx, bool failed)
{
    end_tree(ctx, failed);
}

static struct load *begin_load(struct od_ask *ask, struct od_gql_plan_field *f,
                               void (*done)(struct od_ask *ask))
{
    struct load *l = OD_NEW(&ask->req->arena, struct load);

    l->ask = ask;
    l->field = f;
    l->done = done;
    f->loaded = &l->loaded;
    ask->loading++;
    return l;
}

/* Each alias of their orders is a list of its own. */
static void load_orders_of(const struct load *customer)
{
    for (struct od_gql_plan_field *f = customer->field->below->fields; f; f = f->next) {
        if (!f->arguments || !od_str_is(f->field->name, "orders"))
            continue;
        struct load *l = begin_load(customer->ask, f, customer->done);
        l->id = customer->id;
        l->email = customer->email;
        load_orders(l);
    }
}

static void load_customer(struct load *l)
{
    struct od_pg_conn *conn = l->ask->api->query;
    struct od_err err;

    l->id = text_of(l, "id");
    l->email = text_of(l, "email");
    if (!l->id.ptr == !l->email.ptr) {
        (void)od_err_set(&err, OD_ERR_INVALID,
                         "A customer is named by exactly one of id and email.");
        end(l, &err);
        return;
    }
    begin_tree(l);
    uint64_t before = od_pg_statements(conn);
    od_customer_send_newest(conn, l->id, l->email, on_newest, l);
    od_customer_send_sums(conn, l->id, l->email, on_sums, l);
    end_pipeline(l, before, on_customer);
    load_orders_of(l);
}

static void on_stock(void *ctx, bool failed)
{
    struct load *l = ctx;
    const struct od_stock *first = failed ? NULL : od_map_get(&l->set.stock, l->sku);

    od_set_fini(&l->set);
    for (const struct od_stock *s = first; s; s = s->next)
        l->found = l->found || s->exists;
    if (l->found)
        od_stock_write(&l->writer, first, NULL);
    end_tree(l, failed);
}

static void load_inventory(struct load *l)
{
    struct od_pg_conn *conn = l->ask->api->query;

    l->sku = text_of(l, "sku");
    begin_tree(l);
    od_set_init(&l->set, &l->ask->req->arena);
    l->set.shop = l->ask->rules->shop;
    od_set_want_sku(&l->set, l->sku);
    uint64_t before = od_pg_statements(conn);
    od_set_send(&l->set, conn, false);
    end_pipeline(l, before, on_stock);
}

static const struct {
    const char *field;
    void (*load)(struct load *l);
} loaders[] = {
    {"order", load_order},
    {"orders", load_orders},
    {"customer", load_customer},
    {"inventory", load_inventory},
};

void od_ask_load(struct od_ask *ask, void (*done)(struct od_ask *ask))
{
    ask->loading = 1;
    for (struct od_gql_plan_field *f = ask->plan->fields; f; f = f->next) {
        for (size_t i = 0; i < sizeof loaders / sizeof *loaders; i++) {
            if (!f->arguments || !od_str_is(f->field->name, loaders[i].field))
                continue;
            loaders[i].load(begin_load(ask, f, done));
        }
    }
    if (--ask->loading == 0)
        done(ask);
}
