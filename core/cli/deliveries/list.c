#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/json/json.h"
#include "base/terminal/columns.h"
#include "cli/deliveries/deliveries.h"
#include "store/feed/deliveries.h"
#include "store/feed/targets.h"

/* What was sent, what is to be, and to which targets, printed for a terminal of 80 columns. */

enum { JSON_MAX = 256 << 20, INDENT = 9, COLUMNS = 80 };

static void print_json(struct od_buf *b)
{
    printf("%.*s\n", OD_STR_ARG(od_buf_view(b)));
    od_buf_fini(b);
}

/* "2026-11-30 19:00:01"; "-" for none. */
static const char *shown_time(struct od_arena *a, int64_t us)
{
    struct od_buf b;
    if (!us)
        return "-";
    od_buf_init(&b, 64);
    od_time_format(&b, us);
    struct od_str s = od_arena_str(a, od_str_slice(od_buf_view(&b), 0, 19));
    od_buf_fini(&b);
    char *text = (char *)s.ptr;
    text[10] = ' ';
    return text;
}

static void print_more(const char *name, struct od_str text)
{
    if (text.len)
        od_wrap_body(stdout, COLUMNS, printf("%*s%s:", INDENT, "", name), INDENT + 2, text);
}

/* What it is about, in a line: "shipment.created  webhook parcel, hook shipment.created@chain" */
static void print_subject(struct od_deliveries *d, const struct od_delivery_row *row)
{
    bool named = row->name.len && !od_str_eq(row->name, row->topic);
    bool other = row->recipient.len && !od_str_eq(row->recipient, row->target);
    od_wrap_within(stdout, COLUMNS, printf("%*s", INDENT - 1, ""), INDENT + 2,
                   od_arena_printf(&d->arena, "%.*s, %.*s%s%.*s%s%.*s%s%.*s",
                                   OD_STR_ARG(row->topic), OD_STR_ARG(row->kind), named ? " " : "",
                                   OD_STR_ARG(named ? row->name : OD_STR("")), other ? " for " : "",
                                   OD_STR_ARG(other ? row->recipient : OD_STR("")),
                                   row->hook.len ? ", hook " : "",
                                   OD_STR_ARG(row->hook.len ? row->hook : OD_STR(""))));
}

static void print_row(struct od_deliveries *d, const struct od_delivery_row *row)
{
    printf("%7" PRId64 "  %-16.*s %-13.*s %-9.*s %5d  %s\n", row->delivery_id,
           OD_STR_ARG(row->order_number.len ? row->order_number : OD_STR("-")),
           OD_STR_ARG(row->target), OD_STR_ARG(row->state), row->attempts,
           shown_time(&d->arena, row->created_at));
    print_subject(d, row);
    print_more("error", row->error);
    if (row->next_at && row->attempts)
        printf("%*snext attempt: %s\n", INDENT, "", shown_time(&d->arena, row->next_at));
}

static void on_list(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_deliveries *d = ctx;
    struct od_delivery_row row;
    struct od_json_writer w;
    struct od_buf b;
    (void)err;
    if (!d->json) {
        printf("     ID  ORDER            TARGET        STATE     TRIES  MADE (UTC)\n");
        for (int i = 0; i < r->rows; i++) {
            od_delivery_row_read(r, i, &row);
            print_row(d, &row);
        }
        if (r->rows == d->limit)
            printf("The newest %" PRId64 "; --limit shows more.\n", d->limit);
        return;
    }
    od_buf_init(&b, JSON_MAX);
    od_jw_init(&w, &b);
    od_jw_array(&w);
    for (int i = 0; i < r->rows; i++) {
        od_jw_object(&w);
        od_delivery_write(&w, r, i);
        od_jw_object_end(&w);
    }
    od_jw_array_end(&w);
    print_json(&b);
}

static struct od_str given(const char *text)
{
    return text ? od_str_of(text) : OD_STR_NONE;
}

int od_deliveries_list(struct od_deliveries *d, struct od_err *err)
{
    struct od_pg_params *p = od_pg_params(d->conn);
    od_pg_given_i64(p, d->order_id);
    od_pg_text(p, given(d->target));
    od_pg_text(p, given(d->state));
    od_pg_given_time(p, d->since);
    od_pg_given_time(p, d->until);
    od_pg_null(p);
    od_pg_i32(p, (int32_t)d->limit);
    return od_deliveries_ask(d, &od_select_deliveries, p, on_list, err);
}

/* ---- one */

struct shown {
    struct od_buf json;
    struct od_json_writer w;
};
static struct shown shown;

static void on_one(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_deliveries *d = ctx;
    struct od_delivery_row row;
    (void)err;
    if (r->rows != 1)
        return;
    od_jw_object(&shown.w);
    od_delivery_write(&shown.w, r, 0);
    od_jw_key(&shown.w, "payload");
    od_jw_raw(&shown.w, od_pg_get_text(r, 0, OD_DELIVERY_COLUMNS));
    if (d->json)
        return;
    od_delivery_row_read(r, 0, &row);
    print_row(d, &row);
    if (row.delivered_at)
        printf("%*sdelivered: %s\n", INDENT, "", shown_time(&d->arena, row.delivered_at));
    print_more("payload", od_pg_get_text(r, 0, OD_DELIVERY_COLUMNS));
}

static void on_tries(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_deliveries *d = ctx;
    (void)err;
    od_jw_key(&shown.w, "tries");
    od_jw_array(&shown.w);
    for (int i = 0; i < r->rows; i++)
        od_attempt_write(&shown.w, r, i);
    od_jw_array_end(&shown.w);
    for (int i = 0; !d->json && i < r->rows; i++) {
        printf("\n  attempt %d, %s, %d ms", od_pg_get_i32(r, i, 0),
               shown_time(&d->arena, od_pg_get_time(r, i, 1)), od_pg_get_i32(r, i, 2));
        if (!od_pg_is_null(r, i, 3))
            printf(", HTTP %d", od_pg_get_i32(r, i, 3));
        printf("%s\n", od_pg_is_null(r, i, 4) ? ", delivered" : "");
        print_more("error", od_pg_get_text(r, i, 4));
        print_more("answer", od_pg_get_text(r, i, 5));
    }
}

static void on_caused(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_deliveries *d = ctx;
    (void)err;
    od_jw_key(&shown.w, "caused");
    od_jw_array(&shown.w);
    for (int i = 0; i < r->rows; i++)
        od_caused_write(&shown.w, r, i);
    od_jw_array_end(&shown.w);
    for (int i = 0; !d->json && i < r->rows; i++)
        printf("%s  caused: %.*s, event %d of order id:%" PRId64 "\n", i ? "" : "\n",
               OD_STR_ARG(od_pg_get_text(r, i, 2)), od_pg_get_i32(r, i, 1), od_pg_get_i64(r, i, 0));
}

static int ask_of(struct od_deliveries *d, const struct od_pg_stmt *stmt, od_pg_on_result *seen,
                  struct od_err *err)
{
    struct od_pg_params *p = od_pg_params(d->conn);
    od_pg_i64(p, d->delivery_id);
    return od_deliveries_ask(d, stmt, p, seen, err);
}

int od_deliveries_show(struct od_deliveries *d, struct od_err *err)
{
    od_buf_init(&shown.json, JSON_MAX);
    od_jw_init(&shown.w, &shown.json);
    int failed = ask_of(d, &od_select_delivery, on_one, err);
    if (!failed && d->rows == 0)
        failed = od_err_set(err, OD_ERR_NOT_FOUND, "there is no delivery %" PRId64, d->delivery_id);
    failed = failed || ask_of(d, &od_select_attempts, on_tries, err) ||
             ask_of(d, &od_select_caused, on_caused, err);
    if (!failed && d->json) {
        od_jw_object_end(&shown.w);
        print_json(&shown.json);
        return 0;
    }
    od_buf_fini(&shown.json);
    return failed ? -1 : 0;
}

/* ---- targets */

static void on_targets(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_deliveries *d = ctx;
    struct od_json_writer w;
    struct od_buf b;
    (void)err;
    if (d->json) {
        od_buf_init(&b, JSON_MAX);
        od_jw_init(&w, &b);
        od_jw_array(&w);
        for (int i = 0; i < r->rows; i++) {
            od_jw_object(&w);
            od_jw_key(&w, "name");
            od_jw_str(&w, od_target_state_name(r, i));
            od_target_state_write(&w, r, i);
            od_jw_object_end(&w);
        }
        od_jw_array_end(&w);
        print_json(&b);
        return;
    }
    printf("TARGET            STATE     WAITING  OLDEST (UTC)         FAILS SINCE (UTC)\n");
    for (int i = 0; i < r->rows; i++) {
        struct od_target_state s;
        od_target_state_read(r, i, &s);
        printf("%-17.*s %-9.*s %7" PRId64 "%s  %-19s  %s\n", OD_STR_ARG(od_target_state_name(r, i)),
               OD_STR_ARG(s.state), s.queued, s.queued >= OD_TARGET_QUEUED_MAX ? "+" : " ",
               shown_time(&d->arena, s.oldest_queued_at), shown_time(&d->arena, s.failing_since));
        print_more("disabled", s.disabled_reason);
        print_more("paused by", s.paused_by);
    }
}

int od_deliveries_targets(struct od_deliveries *d, struct od_err *err)
{
    struct od_pg_params *p = od_pg_params(d->conn);
    od_pg_text(p, given(d->target));
    return od_deliveries_ask(d, &od_select_targets, p, on_targets, err);
}
