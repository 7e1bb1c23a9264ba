#include "server/metrics.h"

#include "rules/activate/activation.h"
#include "server/app.h"
#include "tasks/consumers/consumers.h"
#include "tasks/jobs.h"
#include "tasks/receivers.h"
#include "rules/activate/migrate.h"
#include "rules/activate/reload.h"
#include "tasks/runner.h"
#include "rules/make/shadow.h"
#include "base/buf.h"
#include "engine/engine.h"
#include "feed/deliver/deliver.h"
#include "feed/feed.h"
#include "feed/lag.h"

void od_app_metrics(void *ctx, struct od_buf *out)
{
    const struct od_app *app = ctx;
    const struct od_reload_stats *r = od_reload_stats(app->reload);
    struct od_feed_stats f;
    struct od_deliverer_stats d;
    od_feed_stats(app->feed, &f);
    od_deliverer_stats(od_feed_deliverer(app->feed), &d);
    struct od_activation_stats a;
    struct od_migrate_stats m;
    od_activation_stats(app->activation, &a);
    od_migrate_stats(app->migrate, &m);
    const struct {
        const char *name, *type, *help;
        double value;
    } rows[] = {
        {"orderd_reloads_total", "counter", "Reloads that took effect.", (double)r->succeeded},
        {"orderd_reload_failures_total", "counter", "Reloads refused; the old rules stayed.",
         (double)r->failed},
        {"orderd_reload_last_failed", "gauge", "1 when the last reload was refused.",
         r->last_failed},
        {"orderd_reload_last_success_timestamp_seconds", "gauge", "When rules last changed.",
         (double)r->last_us / 1e6},
        {"orderd_activations_total", "counter", "Activations this process has come to serve.",
         (double)a.adopted},
        {"orderd_activation", "gauge", "The activation that is served.", a.activation_id},
        {"orderd_activation_behind", "gauge",
         "1 when the last activation cannot be served here and earlier rules go on.", a.behind},
        {"orderd_bundle_load_failures_total", "counter",
         "Bundles that were activated elsewhere and do not load here.", (double)a.failed},
        {"orderd_rollbacks_total", "counter", "Bundles put out of service for failing.",
         (double)a.rollbacks},
        {"orderd_migration_moved", "gauge", "Orders moved out of statuses that are gone.",
         (double)m.moved},
        {"orderd_migration_left", "gauge", "Orders still in statuses that are gone.",
         (double)m.left},
        {"orderd_migration_failed", "gauge", "Orders that could not be moved.", (double)m.failed},
        {"orderd_feed_events_total", "counter", "Events the feed has read.", (double)f.events},
        {"orderd_feed_recalled_total", "counter",
         "Earlier events that the feed has read, of orders that were wanted.", (double)f.recalled},
        {"orderd_feed_intents_total", "counter", "Intents that hooks returned.", (double)f.intents},
        {"orderd_feed_hook_errors_total", "counter", "Hooks that failed.", (double)f.hook_errors},
        {"orderd_feed_delivered_total", "counter", "Deliveries made.", (double)d.delivered},
        {"orderd_feed_failed_total", "counter", "Attempts to deliver that failed.",
         (double)d.failed},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        od_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %.15g\n", rows[i].name, rows[i].help,
                      rows[i].name, rows[i].type, rows[i].name, rows[i].value);
    struct od_lag_state lag;
    od_lag_state(od_feed_lag(app->feed), &lag);
    od_lag_metrics(&lag, out);
    od_deliverer_metrics(od_feed_deliverer(app->feed), out);
    od_shadow_metrics(od_engine_shadow(app->serving.engine), out);
    od_script_host_metrics(app->scripts, out);
    od_jobs_metrics(app->jobs, out);
    od_receivers_metrics(app->receivers, out);
    od_consumers_metrics(app->consumers, out);
}
