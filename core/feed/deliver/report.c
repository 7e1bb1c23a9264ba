#include "feed/deliver/parts.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/json/json.h"

static void write_trouble(const struct od_deliverer *d, struct od_str name,
                          struct od_json_writer *w)
{
    for (size_t i = 0; i < d->targets.trouble_count; i++) {
        if (!od_str_eq(d->targets.troubles[i].name, name))
            continue;
        od_jw_key(w, "trouble");
        od_jw_str(w, d->targets.troubles[i].reason);
    }
}

bool od_deliverer_write(const struct od_deliverer *d, struct od_str name, struct od_json_writer *w)
{
    const struct od_outgoing *t = od_deliverer_find(d, name);
    int64_t now = od_clock_monotonic_us();
    if (!t) {
        write_trouble(d, name, w);
        return false;
    }
    od_jw_key(w, "kind");
    od_jw_cstr(w, t->conf->kind->name);
    od_jw_key(w, "source");
    od_jw_cstr(w, t->conf->stored ? "api" : "file");
    od_jw_key(w, "settings");
    od_target_settings_write(w, t->conf);
    od_jw_key(w, "events");
    od_jw_array(w);
    struct od_str rest = t->conf->events, word;
    while (od_target_next_word(&rest, &word))
        od_jw_str(w, word);
    od_jw_array_end(w);
    od_jw_key(w, "enabled");
    od_jw_bool(w, t->conf->enabled);
    od_jw_key(w, "ordered");
    od_jw_bool(w, t->conf->ordered);
    od_jw_key(w, "concurrency");
    od_jw_i64(w, t->conf->concurrency);
    od_jw_key(w, "maxAttempts");
    od_jw_i64(w, t->conf->max_attempts);
    od_jw_key(w, "disableAfterMs");
    od_jw_i64(w, t->conf->disable_after_ms);
    od_jw_key(w, "here"); /* whether this process carries it out */
    od_jw_bool(w, t->owned);
    od_jw_key(w, "underWay");
    od_jw_i64(w, t->under_way);
    od_jw_key(w, "restMs");
    od_jw_i64(w, t->rest_until_us > now ? (t->rest_until_us - now) / 1000 : 0);
    return true;
}

void od_deliverer_stats(const struct od_deliverer *d, struct od_deliverer_stats *out)
{
    *out = d->stats;
}

void od_deliverer_metrics(const struct od_deliverer *d, struct od_buf *out)
{
    static const struct {
        const char *name, *type, *help;
    } rows[] = {
        {"orderd_target_delivered_total", "counter", "Deliveries made, by target."},
        {"orderd_target_failed_total", "counter", "Attempts that failed, by target."},
        {"orderd_target_given_up_total", "counter", "Deliveries given up, by target."},
        {"orderd_target_under_way", "gauge", "Attempts under way."},
        {"orderd_target_overdue_seconds", "gauge",
         "How long the first delivery that is due has been due."},
        {"orderd_target_paused", "gauge", "1 while somebody has paused it."},
        {"orderd_target_disabled", "gauge", "1 when it failed for too long, or is gone."},
        {"orderd_target_disabled_total", "counter", "How often this process has disabled it."},
        {"orderd_target_owned", "gauge", "1 in the process that carries it out."},
    };
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        od_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", rows[row].name, rows[row].help,
                      rows[row].name, rows[row].type);
        for (size_t i = 0; i < d->targets.count; i++) {
            const struct od_outgoing *t = &d->items[i];
            const double values[] = {
                (double)t->delivered,
                (double)t->failed,
                (double)t->given_up,
                t->under_way,
                (double)t->overdue_ms / 1000,
                t->paused,
                t->disabled,
                (double)t->disabled_count,
                t->owned,
            };
            od_buf_printf(out, "%s{target=\"%.*s\",kind=\"%s\"} %.15g\n", rows[row].name,
                          OD_STR_ARG(t->conf->name), t->conf->kind->name, values[row]);
        }
    }
}
