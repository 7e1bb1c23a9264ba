#include <string.h>

#include "base/clock.h"
#include "base/money.h"
#include "read/reports/report.h"

/* Links from figures to lists of orders. */

enum { KEY_MAX = 8 << 10, RATE_DIGITS = 4 };

bool od_report_has_link(const struct od_report_link *link, struct od_str word)
{
    return !link->by || od_str_is(word, link->by);
}

/* As RFC 3986 has it in a query: unreserved characters stay, and those of a figure. */
static void put_escaped(struct od_buf *b, struct od_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        bool plain = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
                     (c && memchr("-._~,:", c, 6));
        if (plain)
            od_buf_char(b, s.ptr[i]);
        else
            od_buf_printf(b, "%%%02X", c);
    }
}

/* Appends a parameter; the path before the first ends in "?". */
static void put_name(struct od_buf *b, const char *name)
{
    bool first = b->len && b->ptr[b->len - 1] == '?';
    od_buf_printf(b, "%s%s=", first ? "" : "&", name);
}

static void put(struct od_buf *b, const char *name, struct od_str value)
{
    put_name(b, name);
    put_escaped(b, value);
}

static void put_time(struct od_buf *b, const char *name, int64_t us)
{
    put_name(b, name);
    od_time_format(b, us);
}

static bool all_of_placing(uint32_t kinds)
{
    for (int kind = 1; kind < 32; kind++) {
        if (kinds & 1u << kind && !od_fact_is_of_placing((enum od_fact_kind)kind))
            return false;
    }
    return true;
}

/* A rate is the key in ten-thousandths of a percent; shipping has none. */
static struct od_str rate_key(struct od_str rate, char key[24])
{
    struct od_buf b;
    struct od_err ignored;
    int64_t units;
    if (!rate.ptr || od_decimal_parse(rate, RATE_DIGITS, &units, &ignored))
        return OD_STR("");
    od_buf_init(&b, 24);
    od_buf_printf(&b, "%lld", (long long)units);
    size_t len = b.len;
    memcpy(key, b.ptr, len);
    od_buf_fini(&b);
    return od_str_n(key, len);
}

static void put_figure(struct od_buf *b, const struct od_report *report,
                       const struct od_report_link *link, const struct od_report_row *row)
{
    struct od_figure figure = {link->kinds, row->from_us, row->to_us, OD_STR_NONE};
    struct od_buf text;
    char key[24];
    if (link->key >= 0 && !row->is_total) {
        struct od_str value = row->values[link->key];
        bool rate = report->columns[link->key].type == OD_REPORT_RATE;
        figure.key = rate ? rate_key(value, key) : value.ptr ? value : OD_STR("");
    }
    od_buf_init(&text, KEY_MAX);
    od_figure_format(&text, &figure);
    put(b, "figure", od_buf_view(&text));
    od_buf_fini(&text);
}

static void put_customer(struct od_buf *b, const struct od_report_row *row, struct od_str asked)
{
    struct od_str customer = asked.ptr ? asked : row->values[0];
    bool by_id = asked.ptr ? !memchr(asked.ptr, '@', asked.len) : row->values[1].ptr != NULL;
    if (!customer.ptr)
        return;
    put(b, by_id ? "customerId" : "customerEmail", customer);
    if (!by_id && !asked.ptr)
        put(b, "customerId.exists", OD_STR("false"));
}

static void put_scope(struct od_buf *b, const struct od_report_row *row,
                      const struct od_report_query *q)
{
    struct od_str store = q->by_store ? row->store : q->store;
    if (row->currency.ptr || q->currency.ptr)
        put(b, "currency", row->currency.ptr ? row->currency : q->currency);
    if (store.len)
        put(b, "store", store);
    else if (q->by_store || q->store.ptr)
        put(b, "store.exists", OD_STR("false"));
}

void od_report_put_link(struct od_buf *b, const struct od_report *report,
                        const struct od_report_link *link, const struct od_report_row *row,
                        const struct od_report_query *q)
{
    od_buf_printf(b, "/api/orders?");
    if (link->finds == OD_REPORT_FINDS_STATUS || all_of_placing(link->kinds)) {
        put_time(b, "createdAt.gte", row->from_us);
        put_time(b, "createdAt.lt", row->to_us);
    }
    if (link->finds == OD_REPORT_FINDS_STATUS) {
        if (!row->is_total)
            put(b, row->values[0].ptr, row->values[1]);
    } else {
        put_figure(b, report, link, row);
    }
    if (link->finds == OD_REPORT_FINDS_CUSTOMER)
        put_customer(b, row, q->word);
    put_scope(b, row, q);
}
