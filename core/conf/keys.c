#include "conf/keys.h"

#include "base/log.h"
#include "conf/conf.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define KIB      INT64_C(1024)
#define MIB      (1024 * KIB)
#define SECOND   INT64_C(1000)
#define MINUTE   (60 * SECOND)
#define DAY      (24 * 60 * MINUTE)

/* In the order of enum od_log_level, od_conf_track, od_conf_level and od_conf_auth. */
static const char *const levels[] = {"debug", "info", "warn", "error", NULL};
static const char *const tracks[] = {"all", "known", "none", NULL};
static const char *const checks[] = {"ignore", "warn", "refuse", NULL};
static const char *const modes[] = {"open", "keys", NULL};

#define AT(member) offsetof(struct od_conf, member)

/* One line for what a key is, the next for what it means; clang-format would break that up. Keys
 * that
 * ${data} appears in stand below database.data_dir. */
/* clang-format off */
const struct od_conf_key od_conf_keys[] = {
    {"server", "listen", OD_CONF_ADDRESS, AT(server.listen), "127.0.0.1:8080", 0, 0, NULL, false,
     "Address and port. Loopback by default, because [auth] mode = open is allowed there alone."},
    {"server", "hosts", OD_CONF_STR, AT(server.hosts), "", 0, 0, NULL, true,
     "Names of this server in the Host header, beside localhost, 127.0.0.1, [::1] and the address of listen; blanks or commas between them. A web page anywhere can have a name of its own mean your machine, so other names are answered 403. Empty with [auth] mode = keys: any name, because no page knows a key."},
    {"server", "origins", OD_CONF_STR, AT(server.origins), "", 0, 0, NULL, true,
     "Web pages that may send commands, beside this server's own: https://shop.example.com; blanks or commas between them. Those of other origins are answered 403. Needed as well where a proxy changes Host."},
    {"server", "reuse_port", OD_CONF_BOOL, AT(server.reuse_port), "no", 0, 0, NULL, false,
     "Share the port with other orderd processes on the same database (SO_REUSEPORT)."},
    {"server", "max_connections", OD_CONF_INT, AT(server.max_connections), "10000", 1, 1000000, NULL, false,
     "Open connections; more are answered 503 and closed."},
    {"server", "max_pipeline", OD_CONF_INT, AT(server.max_pipeline), "32", 1, 1024, NULL, false,
     "Requests of one connection under way before it is read no further."},
    {"server", "max_header_bytes", OD_CONF_SIZE, AT(server.max_header_bytes), "16k", KIB, MIB, NULL, false,
     "Request line and headers (431). Browsers and proxies send up to 8k."},
    {"server", "max_body_bytes", OD_CONF_SIZE, AT(server.max_body_bytes), "1m", KIB, 64 * MIB, NULL, false,
     "Request body (413). An order of 500 items is about 200k."},
    {"server", "max_batch_bytes", OD_CONF_SIZE, AT(server.max_batch_bytes), "16m", KIB, 1024 * MIB, NULL, false,
     "Body of POST /api/batch (413). 10,000 tracking numbers are about 1m."},
    {"server", "header_timeout", OD_CONF_DURATION, AT(server.header_timeout_ms), "10s", 100, 10 * MINUTE, NULL, false,
     "From a request's first byte to the end of its headers (408), against slow senders."},
    {"server", "body_timeout", OD_CONF_DURATION, AT(server.body_timeout_ms), "30s", 100, 10 * MINUTE, NULL, false,
     "From there to the end of its body (408)."},
    {"server", "idle_timeout", OD_CONF_DURATION, AT(server.idle_timeout_ms), "60s", 100, 60 * MINUTE, NULL, false,
     "A kept-alive connection without a request is closed; longer than most clients keep one."},
    {"server", "write_timeout", OD_CONF_DURATION, AT(server.write_timeout_ms), "30s", 100, 10 * MINUTE, NULL, false,
     "Without the client taking a byte of its reply, then closed."},
    {"server", "half_timeout", OD_CONF_DURATION, AT(server.half_timeout_ms), "10s", 100, 10 * MINUTE, NULL, false,
     "For the reply to a client that has closed its half of the connection. Most of those have left, and cannot be told from those that still read."},
    {"server", "drain_timeout", OD_CONF_DURATION, AT(server.drain_timeout_ms), "10s", 100, 10 * MINUTE, NULL, true,
     "At the end, for requests under way; then connections are dropped, and so is what the database still owes. The process ends 5 s later at the latest."},

    {"database", "url", OD_CONF_STR, AT(database.url), "private", 0, 0, NULL, false,
     "private: a PostgreSQL of orderd's own under data_dir. Or a postgresql:// URL, several hosts allowed."},
    {"database", "data_dir", OD_CONF_PATH, AT(database.data_dir), "${state}", 0, 0, NULL, false,
     "Where orderd keeps what is its own. ${state} is /var/lib/orderd for root, else $XDG_DATA_HOME/orderd or ~/.local/share/orderd."},
    {"database", "lanes", OD_CONF_INT, AT(database.lanes), "2", 1, 64, NULL, false,
     "Writer connections. Two keep the database busy while orderd decides; more help on many cores."},
    {"database", "statement_timeout", OD_CONF_DURATION, AT(database.statement_timeout_ms), "10s", 100, 10 * MINUTE, NULL, false,
     "For one statement; then the database cancels it and the caller is told to retry."},
    {"database", "answer_grace", OD_CONF_DURATION, AT(database.answer_grace_ms), "2s", 100, 10 * MINUTE, NULL, false,
     "Beyond statement_timeout, for the database to say so itself. A frozen one, or one behind a cut, says nothing: then callers get 503 and the connection is dropped."},
    {"database", "lock_timeout", OD_CONF_DURATION, AT(database.lock_timeout_ms), "5s", 100, 10 * MINUTE, NULL, false,
     "For a row that another process holds. Below statement_timeout, to tell the two apart."},
    {"database", "connect_timeout", OD_CONF_DURATION, AT(database.connect_timeout_ms), "5s", 100, 10 * MINUTE, NULL, false,
     "For one attempt to connect; attempts repeat with back-off."},
    {"database", "watch", OD_CONF_DURATION, AT(database.watch_ms), "1s", 100, 10 * MINUTE, NULL, false,
     "Between looks at each host of url, for a newer primary than the one in use. Costs a connection each."},

    {"engine", "max_batch", OD_CONF_INT, AT(engine.max_batch), "256", 1, 10000, NULL, false,
     "Commands in one transaction. Larger ones gain little speed and hold locks longer."},
    {"engine", "max_queue", OD_CONF_INT, AT(engine.max_queue), "20000", 1, 1000000, NULL, false,
     "Commands waiting in all lanes; more are refused with 503 at once, which is better than late."},
    {"engine", "idempotency_ttl", OD_CONF_DURATION, AT(engine.idempotency_ttl_ms), "24h", MINUTE, 90 * DAY, NULL, true,
     "How long an Idempotency-Key is remembered. A day outlasts any client's retries."},

    {"plugins", "dir", OD_CONF_PATH, AT(plugins.dir), "${share}/plugins", 0, 0, NULL, true,
     "The plugins' folder. ${share} is where orderd's sources, or its installed files, are. It may be a symbolic link, to switch releases by; nothing in it may."},
    {"plugins", "load", OD_CONF_STR, AT(plugins.load), "", 0, 0, NULL, true,
     "Plugins to load beside the default rules: folder names, blanks or commas between them. Empty: none."},
    {"plugins", "scripts", OD_CONF_PATH, AT(plugins.scripts), "${share}/scripts", 0, 0, NULL, true,
     "The default rules' folder."},
    {"plugins", "watch", OD_CONF_BOOL, AT(plugins.watch), "no", 0, 0, NULL, false,
     "Reload when a file in these folders changes. For development."},

    {"script", "instructions", OD_CONF_INT, AT(script.instructions), "1000000", 1000, 1000000000, NULL, true,
     "Lua instructions of one policy or hook: about 10 ms. The default rules use some 50."},
    {"script", "load_instructions", OD_CONF_INT, AT(script.load_instructions), "50000000", 100000, INT64_C(10000000000), NULL, true,
     "Lua instructions for loading one plugin."},
    {"script", "task_instructions", OD_CONF_INT, AT(script.task_instructions), "20000000", 1000, INT64_C(10000000000), NULL, true,
     "Lua instructions of one composite command, route or job, over all its waits."},
    {"script", "task_timeout", OD_CONF_DURATION, AT(script.task_timeout_ms), "30s", 100, 60 * MINUTE, NULL, true,
     "For one route or job, its waits included; then it is ended with an error."},
    {"script", "max_tasks", OD_CONF_INT, AT(script.max_tasks), "200", 1, 10000, NULL, true,
     "Routes and jobs under way; more requests to routes are answered 503."},
    {"script", "cpu_time", OD_CONF_DURATION, AT(script.cpu_ms), "2s", 1, MINUTE, NULL, true,
     "Processor time of one call, a backstop behind the instructions for work that they do not count. 50 million take half a second."},
    {"script", "memory", OD_CONF_SIZE, AT(script.memory), "16m", MIB, 1024 * MIB, NULL, true,
     "Memory of each plugin. The default rules use less than 1m."},
    {"script", "pattern_steps", OD_CONF_INT, AT(script.pattern_steps), "1000000", 1000, 100000000, NULL, true,
     "Worst case of one find, match, gmatch or gsub; what could take more is refused."},

    {"jobs", "enabled", OD_CONF_BOOL, AT(jobs.enabled), "yes", 0, 0, NULL, false,
     "Run the plugins' scheduled jobs in this process. Each runs in one process at a time."},
    {"jobs", "interval", OD_CONF_DURATION, AT(jobs.interval_ms), "1s", 50, MINUTE, NULL, false,
     "Between looks for jobs that are due."},
    {"jobs", "lease", OD_CONF_DURATION, AT(jobs.lease_ms), "30s", SECOND, 60 * MINUTE, NULL, false,
     "A job whose process stopped renewing this is taken over by another."},

    {"check", "policy_error", OD_CONF_ENUM, AT(check.level[OD_CONF_CHECK_POLICY_ERROR]), "refuse", 0, 0, checks, true,
     "A rule that fails in some state. What is done about it, and about the following, before rules serve: ignore, warn or refuse."},
    {"check", "unknown_status", OD_CONF_ENUM, AT(check.level[OD_CONF_CHECK_UNKNOWN_STATUS]), "refuse", 0, 0, checks, true,
     "A rule that answers with a status that is not configured."},
    {"check", "forbidden_move", OD_CONF_ENUM, AT(check.level[OD_CONF_CHECK_FORBIDDEN_MOVE]), "warn", 0, 0, checks, true,
     "A command that is refused only because `next` lacks the move the rules want."},
    {"check", "dead_end", OD_CONF_ENUM, AT(check.level[OD_CONF_CHECK_DEAD_END]), "warn", 0, 0, checks, true,
     "A state that is not final and that no command changes."},
    {"check", "stuck", OD_CONF_ENUM, AT(check.level[OD_CONF_CHECK_STUCK]), "warn", 0, 0, checks, true,
     "A state from which an order can be neither cancelled nor completed."},
    {"check", "unreachable_status", OD_CONF_ENUM, AT(check.level[OD_CONF_CHECK_UNREACHABLE_STATUS]), "ignore", 0, 0, checks, true,
     "A configured status that no order gets into. Statuses that only people set are such."},
    {"check", "shadowed_rule", OD_CONF_ENUM, AT(check.level[OD_CONF_CHECK_SHADOWED_RULE]), "warn", 0, 0, checks, true,
     "A rule of a plugin's configuration that another one hides."},
    {"check", "tests", OD_CONF_ENUM, AT(check.level[OD_CONF_CHECK_TESTS]), "refuse", 0, 0, checks, true,
     "A failing test of a plugin."},
    {"check", "time", OD_CONF_DURATION, AT(check.time_ms), "30s", 10, 10 * MINUTE, NULL, true,
     "Processor time for the tests, and again for the states: a backstop for rules that use up their instructions in every state. What is not done by then is told. The default rules take half a second."},
    {"check", "max_states", OD_CONF_INT, AT(check.max_states), "20000", 100, 10000000, NULL, true,
     "States looked at from an order just placed. The default rules have some 12,000."},

    {"shadow", "dir", OD_CONF_PATH, AT(shadow.dir), "", 0, 0, NULL, true,
     "A folder of plugins that decide beside those that serve, without effect: differences are counted and listed. Empty: none."},
    {"shadow", "scripts", OD_CONF_PATH, AT(shadow.scripts), "", 0, 0, NULL, true,
     "The shadow's default rules. Empty: those of [plugins]."},
    {"shadow", "load", OD_CONF_STR, AT(shadow.load), "", 0, 0, NULL, true,
     "The shadow's plugins. Empty: those of [plugins]."},
    {"shadow", "share", OD_CONF_INT, AT(shadow.share), "10", 1, 100, NULL, true,
     "Percent of the processor's time the shadow may take; decisions beyond are not shadowed."},
    {"shadow", "samples", OD_CONF_INT, AT(shadow.samples), "100", 1, 10000, NULL, true,
     "The last differences that are kept for the list."},

    {"rollback", "error_rate", OD_CONF_INT, AT(rollback.error_rate), "20", 0, 100, NULL, true,
     "Percent of the rules' answers that fail, from which the bundle before is put back. 0: never."},
    {"rollback", "min_calls", OD_CONF_INT, AT(rollback.min_calls), "50", 1, 1000000, NULL, true,
     "Answers before the rate is looked at."},
    {"rollback", "window", OD_CONF_DURATION, AT(rollback.window_ms), "10m", SECOND, 7 * DAY, NULL, true,
     "How long after an activation. Later failures are not put down to it."},

    {"stock", "track", OD_CONF_ENUM, AT(stock.track), "all", 0, 0, tracks, true,
     "all: an unknown SKU is refused. known: it is sold untracked. none: stock is not looked at."},
    {"stock", "locations", OD_CONF_STR, AT(stock.locations), "main", 0, 0, NULL, true,
     "Where stock lies: names, commas between them. An item that names none is taken from the first location that has enough of it, in this order."},

    {"order", "default_currency", OD_CONF_CURRENCY, AT(order.default_currency), "EUR", 0, 0, NULL, true,
     "ISO 4217 code for orders that name none."},

    {"metadata", "strict", OD_CONF_BOOL, AT(metadata.strict), "no", 0, 0, NULL, true,
     "Refuse keys of an order's metadata that have no section [metadata.KEY] below."},

    {"shop", "name", OD_CONF_STR, AT(shop.name), "", 0, 0, NULL, true,
     "Who sells, as invoices, packing slips and credit memos say it. Here and in address, bank and footer \" | \" begins a new line; what is empty is left out."},
    {"shop", "address", OD_CONF_STR, AT(shop.address), "", 0, 0, NULL, true,
     "Street, postcode and town, country: 1 Quay Street | Galway | Ireland."},
    {"shop", "email", OD_CONF_STR, AT(shop.email), "", 0, 0, NULL, true,
     "Where customers write to."},
    {"shop", "telephone", OD_CONF_STR, AT(shop.telephone), "", 0, 0, NULL, true,
     "Where customers call."},
    {"shop", "tax_id", OD_CONF_STR, AT(shop.tax_id), "", 0, 0, NULL, true,
     "The shop's VAT or other tax number, which invoices have to show in many countries."},
    {"shop", "registration", OD_CONF_STR, AT(shop.registration), "", 0, 0, NULL, true,
     "Court and number of the company's registration."},
    {"shop", "bank", OD_CONF_STR, AT(shop.bank), "", 0, 0, NULL, true,
     "Account that customers pay into."},
    {"shop", "footer", OD_CONF_STR, AT(shop.footer), "", 0, 0, NULL, true,
     "At the foot of every document."},
    {"shop", "logo", OD_CONF_PATH, AT(shop.logo), "", 0, 0, NULL, true,
     "A PNG, JPEG or SVG file of at most 1m."},

    {"auth", "mode", OD_CONF_ENUM, AT(auth.mode), "open", 0, 0, modes, false,
     "open: everyone may do everything; on a loopback address alone. keys: see `orderd key add`."},

    {"log", "level", OD_CONF_ENUM, AT(log.level), "info", 0, 0, levels, true,
     "The least important lines that are written to standard error."},

    {"feed", "log_file", OD_CONF_PATH, AT(feed.log_file), "${data}/notifications.log", 0, 0, NULL, false,
     "Where notifications are delivered, a JSON line each. ${data} is [database] data_dir."},
    {"feed", "interval", OD_CONF_DURATION, AT(feed.interval_ms), "100ms", 10, MINUTE, NULL, false,
     "Between looks at the ledger when the last one found nothing."},
    {"feed", "transaction_limit", OD_CONF_DURATION, AT(feed.transaction_limit_ms), "30s", 100, 10 * MINUTE, NULL, false,
     "A process that stands still inside a round loses the feed to another after this long."},
    {"feed", "held_after", OD_CONF_DURATION, AT(feed.held_after_ms), "5s", 100, 60 * MINUTE, NULL, false,
     "Whoever's open transaction holds the feed back for so long is named in log and metrics."},
    {"feed", "batch", OD_CONF_INT, AT(feed.batch), "200", 1, 10000, NULL, false,
     "Events in one round."},
    {"feed", "share", OD_CONF_INT, AT(feed.share), "20", 1, 100, NULL, false,
     "Percent of the time the feed may take while commands wait; it catches up afterwards."},
    {"feed", "max_attempts", OD_CONF_INT, AT(feed.max_attempts), "20", 1, 1000, NULL, false,
     "Attempts of one delivery before it is given up; 20 last about a day."},
    {"feed", "retry_min", OD_CONF_DURATION, AT(feed.retry_min_ms), "1s", 10, 60 * MINUTE, NULL, false,
     "Wait after the first failed attempt; doubles from there."},
    {"feed", "retry_max", OD_CONF_DURATION, AT(feed.retry_max_ms), "2h", 10, 7 * DAY, NULL, false,
     "The longest wait between attempts."},
};
/* clang-format on */
const size_t od_conf_key_count = COUNT(od_conf_keys);

static const char *const status_keys[] = {"name",       "badge", "progress", "default",
                                          "cancelable", "phase", "next",     NULL};

/* What a store says otherwise than [shop], then what is its own. A * stands for the rest. */
static const char *const store_keys[] = {"name",
                                         "address",
                                         "email",
                                         "telephone",
                                         "tax_id",
                                         "registration",
                                         "bank",
                                         "footer",
                                         "logo",
                                         "title",
                                         "currency",
                                         "currencies",
                                         "series",
                                         "prefix",
                                         "order_status.*",
                                         "payment_status.*",
                                         "shipment_status.*",
                                         NULL};
static const char *const metadata_keys[] = {"type", "choices", "required", NULL};

const struct od_conf_family od_conf_families[] = {
    {"order_status", true, status_keys, true},
    {"payment_status", true, status_keys, true},
    {"shipment_status", true, status_keys, true},
    {"policy", false, NULL, false},
    {"grant", false, NULL, false},
    {"migrate", false, NULL, false},
    {"plugin", true, NULL, false},
    {"store", true, store_keys, false},
    {"metadata", true, metadata_keys, false},
};
const size_t od_conf_family_count = COUNT(od_conf_families);

const struct od_conf_key *od_conf_key_find(struct od_str section, struct od_str name)
{
    for (size_t i = 0; i < od_conf_key_count; i++) {
        const struct od_conf_key *key = &od_conf_keys[i];
        if (od_str_is(section, key->section) && od_str_is(name, key->name))
            return key;
    }
    return NULL;
}

bool od_conf_section_known(struct od_str section)
{
    for (size_t i = 0; i < od_conf_key_count; i++) {
        if (od_str_is(section, od_conf_keys[i].section))
            return true;
    }
    return false;
}

static bool belongs(struct od_str section, const struct od_conf_family *f)
{
    struct od_str name = od_str_of(f->name);

    if (!f->dotted)
        return od_str_eq(section, name);
    return section.len > name.len + 1 && od_str_starts_with(section, name) &&
           section.ptr[name.len] == '.';
}

const struct od_conf_family *od_conf_family_of(struct od_str section)
{
    for (size_t i = 0; i < od_conf_family_count; i++) {
        if (belongs(section, &od_conf_families[i]))
            return &od_conf_families[i];
    }
    return NULL;
}
