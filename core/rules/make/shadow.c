#include "rules/make/shadow.h"

#include <stdio.h>

#include "rules/make/candidate.h"
#include "base/json/json.h"
#include "conf/conf.h"

enum { LISTED = 1000 };

static const char *named(struct od_str s)
{
    return s.len ? s.ptr : NULL;
}

int od_shadow_rules(struct od_conf *conf, struct od_rules **out, struct od_err *err)
{
    struct od_candidate c = {
        .plugins = named(conf->shadow.dir),
        .scripts = named(conf->shadow.scripts),
        .load = named(conf->shadow.load),
    };
    *out = NULL;
    if (!c.plugins && !c.scripts)
        return 0;
    return od_candidate_build(conf, &c, out, err)
               ? od_err_wrap(err, "[shadow] %s", c.plugins ? c.plugins : c.scripts)
               : 0;
}

static void write_count(struct od_json_writer *w, const char *key, uint64_t n)
{
    od_jw_key(w, key);
    od_jw_i64(w, (int64_t)n);
}

static void write_cstr(struct od_json_writer *w, const char *key, const char *s)
{
    od_jw_key(w, key);
    od_jw_cstr(w, s);
}

static void write_difference(struct od_json_writer *w, const struct od_shadow_difference *d)
{
    od_jw_object(w);
    od_jw_key(w, "at");
    od_jw_time(w, d->at);
    write_count(w, "orderId", (uint64_t)d->order_id);
    write_cstr(w, "command", d->command);
    write_cstr(w, "live", d->live);
    write_cstr(w, "candidate", d->candidate);
    od_jw_key(w, "policy");
    od_jw_str(w, d->policy[0] ? od_str_of(d->policy) : OD_STR_NONE);
    od_jw_object_end(w);
}

void od_shadow_json(const struct od_shadow *s, const struct od_err *why, struct od_buf *out)
{
    struct od_json_writer w;
    struct od_shadow_stats stats;
    const struct od_shadow_difference *list[LISTED];
    od_jw_init(&w, out);
    od_jw_object(&w);
    od_jw_key(&w, "hash");
    if (!s) {
        od_jw_null(&w);
        if (why->code != OD_ERR_NONE) {
            char text[sizeof why->origin + sizeof why->message + 2];
            snprintf(text, sizeof text, "%s%s%s", why->origin, why->origin[0] ? ": " : "",
                     why->message);
            write_cstr(&w, "error", text);
        }
        od_jw_object_end(&w);
        return;
    }
    od_shadow_stats(s, &stats);
    od_jw_cstr(&w, stats.hash);
    write_count(&w, "decided", stats.decided);
    write_count(&w, "skipped", stats.skipped);
    write_count(&w, "different", stats.different);
    write_count(&w, "failed", stats.failed);
    write_count(&w, "cpuMs", stats.us / 1000);
    od_jw_key(&w, "differences");
    od_jw_array(&w);
    uint32_t n = od_shadow_differences(s, list, LISTED);
    for (uint32_t i = 0; i < n; i++)
        write_difference(&w, list[i]);
    od_jw_array_end(&w);
    od_jw_object_end(&w);
}

static void metric(struct od_buf *out, const char *name, const char *help, double value)
{
    od_buf_printf(out, "# HELP orderd_shadow_%s %s\n# TYPE orderd_shadow_%s counter\n", name, help,
                  name);
    od_buf_printf(out, "orderd_shadow_%s %.15g\n", name, value);
}

void od_shadow_metrics(const struct od_shadow *s, struct od_buf *out)
{
    struct od_shadow_stats stats;
    if (!s)
        return;
    od_shadow_stats(s, &stats);
    metric(out, "decisions_total", "Commands decided by the shadow's rules as well.",
           (double)stats.decided);
    metric(out, "skipped_total", "Commands that the shadow's share of the processor left out.",
           (double)stats.skipped);
    metric(out, "differences_total", "Commands that the shadow decided otherwise.",
           (double)stats.different);
    metric(out, "failures_total", "Commands for which a rule of the shadow failed.",
           (double)stats.failed);
    metric(out, "cpu_seconds_total", "Processor time the shadow took.", (double)stats.us / 1e6);
}
