#include <stdio.h>
#include <string.h>

#include "rules/trial/checks.h"
#include "base/terminal/columns.h"
#include "base/buf.h"
#include "conf/conf.h"

enum { INDENT = 8, ALIKE_MAX = 10 };

static const char *level_name(int level)
{
    static const char *const names[] = {
        [OD_CONF_IGNORE] = "ignore", [OD_CONF_WARN] = "warn", [OD_CONF_REFUSE] = "refuse"};
    return names[level];
}

static void print_below(struct od_buf *out, struct od_str text)
{
    od_wrap(out, 0, INDENT, text);
}

static void print_row(struct od_buf *out, int level, const char *kind, struct od_str subject,
                      uint32_t states)
{
    od_buf_printf(out, "%-6s  %-18s  %-40.*s", level_name(level), kind, OD_STR_ARG(subject));
    if (states)
        od_buf_printf(out, "  %6u", states);
    while (out->len && out->ptr[out->len - 1] == ' ')
        out->len--;
    od_buf_char(out, '\n');
}

static bool same_rule(const struct od_finding *x, const struct od_finding *y)
{
    return x->kind == y->kind && od_str_eq(x->subject, y->subject);
}

/* Those that are ignored, or those that are not. A rule that fails everywhere says so a few times.
 */
static void print_findings(struct od_buf *out, const struct od_checks *c,
                           const struct od_conf *conf, bool ignored)
{
    const struct od_finding *all = c->model.findings;
    uint32_t shown = 0, alike = 0;
    for (uint32_t i = 0; i < c->model.finding_count; i++) {
        const struct od_finding *f = &all[i];
        int level = conf->check.level[f->kind];
        if ((level == OD_CONF_IGNORE) != ignored)
            continue;
        if (shown++ == 0)
            od_buf_printf(out, "%-6s  %-18s  %-40s  %6s\n", "LEVEL", "FINDING", "OF", "STATES");
        alike = i && same_rule(&all[i - 1], f) ? alike + 1 : 0;
        if (alike < ALIKE_MAX) {
            print_row(out, level, od_finding_kind_name(f->kind), f->subject, f->count);
            print_below(out, f->inputs);
            print_below(out, f->text);
        } else if (i + 1 == c->model.finding_count || !same_rule(f, &all[i + 1])) {
            od_buf_printf(out, "%*s… and %u more of the same kind and rule\n", INDENT, "",
                          alike + 1 - ALIKE_MAX);
        }
    }
}

static void print_failures(struct od_buf *out, const struct od_checks *c,
                           const struct od_conf *conf)
{
    for (uint32_t i = 0; i < c->tests.count; i++) {
        const struct od_test_result *t = &c->tests.results[i];
        if (t->passed)
            continue;
        print_row(out, conf->check.level[OD_CONF_CHECK_TESTS], "tests", t->plugin, 0);
        print_below(out, t->name);
        print_below(out, t->where.len ? t->where : t->origin);
        print_below(out, t->message);
    }
}

/* 3456 as 3,456 */
static void print_number(struct od_buf *out, uint64_t n)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            od_buf_char(out, ',');
        od_buf_char(out, digits[i]);
    }
}

static void print_tests(struct od_buf *out, const struct od_checks *c, const struct od_conf *conf)
{
    const struct od_test_run *t = &c->tests;
    od_buf_printf(out, "tests: ");
    if (conf->check.level[OD_CONF_CHECK_TESTS] == OD_CONF_IGNORE)
        od_buf_printf(out, "not run, [check] tests = ignore");
    else if (!t->count && !t->out_of_time)
        od_buf_printf(out, "there are none");
    else
        od_buf_printf(out, "%u passed", t->count - t->failed);
    if (t->failed)
        od_buf_printf(out, ", %u failed", t->failed);
    if (t->count)
        od_buf_printf(out, " in %.1f s", (double)c->tests_us / 1e6);
    if (t->out_of_time)
        od_buf_printf(out, "; the rest did not run: [check] time = %.1fs was used up",
                      (double)conf->check.time_ms / 1000);
    od_buf_char(out, '\n');
}

void od_checks_print(const struct od_checks *c, const struct od_conf *conf, struct od_buf *out)
{
    const struct od_model_report *m = &c->model;
    print_findings(out, c, conf, false);
    print_failures(out, c, conf);
    print_tests(out, c, conf);
    od_buf_printf(out, "states: ");
    print_number(out, m->states);
    od_buf_printf(out, " an order can get into, and ");
    print_number(out, m->shown);
    od_buf_printf(out, " made up: the rules answered\n        ");
    print_number(out, m->asked);
    od_buf_printf(out, " times in %.2f s\n", (double)c->model_us / 1e6);
    if (m->truncated)
        od_buf_printf(out, "        Not all of them: [check] time or max_states was reached. What "
                           "was found is true.\n");
    od_buf_printf(out, "findings: %u refuse the rules, %u warn, %u %s ignored%s\n", c->refusals,
                  c->warnings, c->ignored, c->ignored == 1 ? "is" : "are",
                  c->ignored ? " (`orderd check --all` lists them)" : "");
}

void od_checks_print_ignored(const struct od_checks *c, const struct od_conf *conf,
                             struct od_buf *out)
{
    print_findings(out, c, conf, true);
}

static void print_legend(struct od_buf *out, const struct od_model_report *r)
{
    od_buf_printf(out, "ALLOWED: a capital in each of the states, a small letter in some.\n");
    for (uint32_t i = 0, column = 0; i < r->command_count; i++) {
        uint32_t width = (uint32_t)od_wrap_columns(r->commands[i]) + 4;
        if (column && column + width > OD_WRAP_COLUMNS)
            od_buf_char(out, '\n');
        column = column + width <= OD_WRAP_COLUMNS ? column + width : width;
        od_buf_printf(out, "  %c %.*s", r->letters[i], OD_STR_ARG(r->commands[i]));
    }
    od_buf_printf(out, "\n\n");
}

static void print_allowed(struct od_buf *out, const struct od_model_report *r,
                          const struct od_model_row *row)
{
    for (uint32_t i = 0; i < r->command_count; i++) {
        uint64_t bit = UINT64_C(1) << i;
        char c = r->letters[i];
        bool small = c >= 'a' && c <= 'z';
        if (!((row->always | row->sometimes) & bit))
            c = '-';
        else if (small && row->always & bit)
            c = (char)(c - 'a' + 'A');
        od_buf_char(out, c);
    }
    od_buf_char(out, '\n');
}

/* As wide as its widest value. */
static int widest(const struct od_model_report *r, const char *title,
                  struct od_str (*value)(const struct od_model_row *row))
{
    size_t width = strlen(title);
    for (uint32_t i = 0; i < r->row_count; i++) {
        struct od_str s = value(&r->rows[i]);
        width = s.len > width ? s.len : width;
    }
    return (int)width;
}

static struct od_str payment_of(const struct od_model_row *row)
{
    return row->payment_status;
}

static struct od_str shipment_of(const struct od_model_row *row)
{
    return row->shipment_status;
}

static struct od_str status_of(const struct od_model_row *row)
{
    return row->status;
}

void od_checks_print_states(const struct od_model_report *r, struct od_buf *out)
{
    int payment = widest(r, "PAYMENT", payment_of), shipment = widest(r, "SHIPMENT", shipment_of);
    int status = widest(r, "ORDER", status_of);
    print_legend(out, r);
    od_buf_printf(out, "%-*s  %-*s  %-4s  %-*s  %5s  %s\n", payment, "PAYMENT", shipment,
                  "SHIPMENT", "HELD", status, "ORDER", "COUNT", "ALLOWED");
    for (uint32_t i = 0; i < r->row_count; i++) {
        const struct od_model_row *row = &r->rows[i];
        od_buf_printf(out, "%-*.*s  %-*.*s  %-4s  %-*.*s  %5u  ", payment,
                      OD_STR_ARG(row->payment_status), shipment, OD_STR_ARG(row->shipment_status),
                      row->held ? "held" : "", status, OD_STR_ARG(row->status), row->states);
        print_allowed(out, r, row);
    }
    od_buf_char(out, '\n');
}
