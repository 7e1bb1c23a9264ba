/*
 * The way of a stranger's message from its bytes to the commands it leads to, through the receivers
 * of the plugins that are shipped. The first byte of the input says which one, and whether the
 * message is signed well, so that what stands behind the signature is reached; the rest is the
 * body. (Adyen's signature is part of the body: its fields are the input's lines.) Whatever comes,
 * the receiver ends with a receipt or a refusal, and the composite commands it gives end as well;
 * neither ever fails.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto/sign.h"
#include "base/json/json.h"
#include "base/log.h"
#include "script/bundle/plugin.h"
#include "script/call/policies.h"
#include "script/load/load.h"
#include "script/task/task.h"
#include "script/value/order_json.h"

#define NOW     INT64_C(1767268800000000) /* 2026-01-01T12:00:00Z */
#define SECONDS "1767268800"
#define WAITS   64 /* more than any message leads to */

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#define STATUS(c, p)                                                                               \
    {                                                                                              \
        .code = OD_STR_INIT(c), .name = OD_STR_INIT(c), .phase = OD_STR_INIT(p), .any_next = true, \
        .cancelable = true, .is_default = (p)[0] == '\0'                                           \
    }
static struct od_status statuses[] = {STATUS("pending", ""), STATUS("paid", "paid"),
                                      STATUS("delivered", "delivered"),
                                      STATUS("canceled", "canceled")};
static const struct od_status_sets sets = {.of = {{statuses, 4}, {statuses, 4}, {statuses, 4}}};

static const char default_rules[] =
    "oms.policy('order.status', function() return 'pending' end)\n"
    "oms.policy('order.cancel', function() return oms.allow() end)\n"
    "oms.policy('order.number', function(seq) return 'N' .. seq.value end)\n"
    "oms.policy('payment.status', function() return 'pending' end)\n"
    "oms.policy('shipment.status', function() return 'pending' end)\n";

#define KEY   "0123456789abcdef0123456789abcdef"
#define WHSEC "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

static const char *const names[] = {"adyen",        "carrier", "fraud-review",
                                    "generic-hmac", "stripe",  "warehouse"};
static const char *const sources[] = {"adyen",   "carrier", "fraud",
                                      "generic", "stripe",  "warehouse"};
enum { ADYEN = 0, CARRIER, FRAUD, GENERIC, STRIPE, WAREHOUSE, RECEIVERS };

#define SET(p, k, v)                                                                               \
    {                                                                                              \
        OD_STR_INIT(p), OD_STR_INIT(k), OD_STR_INIT(v), OD_STR_INIT("f.ini:1")                     \
    }
static const struct od_plugin_setting settings[] = {
    SET("adyen", "hmac_key", "3031323334353637383961626364656630313233343536373839616263646566"),
    SET("carrier", "webhook_secret", KEY),
    SET("carrier", "max_age", "3650d"),
    SET("fraud-review", "secret", WHSEC),
    SET("generic-hmac", "secret", KEY),
    SET("generic-hmac", "on:paid", "add_payment type=capture amount=$data.amount method=$data.by"),
    SET("generic-hmac", "on:note", "add_activity comment=$data.text"),
    SET("generic-hmac", "on:ship", "create_shipment tracking_number=$data.number"),
    SET("generic-hmac", "on:run", "command:warehouse_shipped lines=$data.lines"),
    SET("stripe", "signing_secret", KEY),
    SET("warehouse", "secret", WHSEC),
    SET("warehouse", "short_picked", "cancel"),
};

static struct od_item items[2] = {{.order_item_id = 1, .sku = OD_STR_INIT("MUG"), .qty = 3},
                                  {.order_item_id = 2, .sku = OD_STR_INIT("TEA"), .qty = 1}};
static struct od_shipment_item parcel[1] = {{1, 1, 2}};
static struct od_shipment shipments[1] = {
    {.shipment_id = 1, .tracking_number = OD_STR_INIT("T1"), .items = parcel, .item_count = 1}};
static struct od_payment payments[1] = {{.payment_id = 1,
                                         .type = OD_STR_INIT("authorize"),
                                         .amount = 3500,
                                         .transaction_id = OD_STR_INIT("A")}};
static struct od_hold holds[1] = {{.handle = OD_STR_INIT("fraud_review")}};

static struct od_order make_order(void)
{
    return (struct od_order){
        .order_id = 7,
        .order_number = OD_STR("N1"),
        .currency = OD_STR("EUR"),
        .created_at = NOW,
        .grand_total = 3500,
        .status = OD_STR("pending"),
        .payment_status = OD_STR("paid"),
        .shipment_status = OD_STR("pending"),
        .items = items,
        .item_count = 2,
        .shipments = shipments,
        .shipment_count = 1,
        .payments = payments,
        .payment_count = 1,
        .holds = holds,
        .hold_count = 1,
    };
}

static struct od_bundle *load(struct od_arena *a)
{
    static struct od_plugin plugins[RECEIVERS + 1];
    static struct od_plugin_setting grants[RECEIVERS];
    struct od_script_file file = {OD_STR("rules.lua"), od_str_of(default_rules)};
    struct od_bundle_source source = {
        .plugins = plugins,
        .plugin_count = RECEIVERS + 1,
        .grants = grants,
        .grant_count = RECEIVERS,
        .settings = settings,
        .setting_count = sizeof settings / sizeof *settings,
        .statuses = &sets,
    };
    struct od_bundle *b;
    struct od_err err = {0};

    plugins[0] = (struct od_plugin){.name = OD_STR("default"), .files = &file, .file_count = 1};
    for (int i = 0; i < RECEIVERS; i++) {
        struct od_plugin *p = &plugins[i + 1];
        if (od_plugin_read_in("plugins", od_str_of(names[i]), a, p, &err) != 0)
            fprintf(stderr, "%s: %s\n", err.origin, err.message);
        grants[i] =
            (struct od_plugin_setting){p->name, OD_STR_NONE, p->capabilities, OD_STR("f.ini:1")};
    }
    if (od_bundle_load(&source, &od_bundle_default_limits, &b, &err) != 0) {
        fprintf(stderr, "%s: %s\n", err.origin, err.message);
        abort();
    }
    return b;
}

/* ---- the sender */

static void put(struct od_json_writer *w, const char *key, struct od_str value)
{
    od_jw_key(w, key);
    od_jw_str(w, value);
}

static struct od_str base64_of(struct od_arena *a, const uint8_t *bytes, size_t n)
{
    struct od_buf b;
    od_buf_init(&b, 1024);
    od_base64(&b, od_str_n((const char *)bytes, n));
    struct od_str s = od_arena_str(a, od_buf_view(&b));
    od_buf_fini(&b);
    return s;
}

/* Lines: pspReference, originalReference, merchantReference, value, currency, eventCode, success,
 * action. */
static struct od_str adyen_body(struct od_arena *a, struct od_str lines)
{
    struct od_str f[8], rest = lines;
    struct od_json_writer w;
    struct od_buf b;
    uint8_t digest[OD_SHA256];
    int64_t value = 0;

    for (int i = 0; i < 8; i++) {
        if (!od_str_cut(&rest, '\n', &f[i]) || !od_utf8_valid(f[i]))
            f[i] = OD_STR("");
    }
    (void)od_str_to_i64(f[3], INT64_MIN, INT64_MAX, &value);
    struct od_str text = od_arena_printf(
        a, "%.*s:%.*s:Shop:%.*s:%" PRId64 ":%.*s:%.*s:%.*s", OD_STR_ARG(f[0]), OD_STR_ARG(f[1]),
        OD_STR_ARG(f[2]), value, OD_STR_ARG(f[4]), OD_STR_ARG(f[5]), OD_STR_ARG(f[6]));
    od_hmac_sha256(OD_STR(KEY), text, digest);
    od_buf_init(&b, 1 << 20);
    od_jw_init(&w, &b);
    od_jw_object(&w);
    od_jw_key(&w, "notificationItems");
    od_jw_array(&w);
    od_jw_object(&w);
    od_jw_key(&w, "NotificationRequestItem");
    od_jw_object(&w);
    od_jw_key(&w, "additionalData");
    od_jw_object(&w);
    put(&w, "hmacSignature", base64_of(a, digest, sizeof digest));
    put(&w, "modification.action", f[7]);
    od_jw_object_end(&w);
    od_jw_key(&w, "amount");
    od_jw_object(&w);
    od_jw_key(&w, "value");
    od_jw_i64(&w, value);
    put(&w, "currency", f[4]);
    od_jw_object_end(&w);
    put(&w, "pspReference", f[0]);
    put(&w, "originalReference", f[1]);
    put(&w, "merchantReference", f[2]);
    put(&w, "merchantAccountCode", OD_STR("Shop"));
    put(&w, "eventCode", f[5]);
    put(&w, "success", f[6]);
    od_jw_object_end(&w);
    od_jw_object_end(&w);
    od_jw_array_end(&w);
    od_jw_object_end(&w);
    text = od_arena_str(a, od_buf_view(&b));
    od_buf_fini(&b);
    return text;
}

static struct od_str headers_of(struct od_arena *a, int receiver, struct od_str body)
{
    const char *before = receiver == FRAUD || receiver == WAREHOUSE ? "m1." SECONDS "."
                         : receiver == STRIPE                       ? SECONDS "."
                                                                    : "";
    const struct od_str parts[] = {od_str_of(before), body};
    uint8_t digest[OD_HMAC_MAX];
    char hex[2 * OD_SHA256 + 1];

    MUST(od_hmac("sha256", OD_STR(KEY), parts, 2, digest) == OD_SHA256);
    od_hex(digest, OD_SHA256, hex);
    switch (receiver) {
    case CARRIER:
        return od_arena_printf(a, "{\"x-hmac-signature\":\"hmac-sha256-hex=%s\"}", hex);
    case GENERIC:
        return od_arena_printf(a, "{\"x-signature\":\"%s\"}", hex);
    case STRIPE:
        return od_arena_printf(a, "{\"stripe-signature\":\"t=" SECONDS ",v1=%s\"}", hex);
    case ADYEN:
        return OD_STR("{}");
    default:
        return od_arena_printf(a,
                               "{\"webhook-id\":\"m1\",\"webhook-timestamp\":\"" SECONDS
                               "\",\"webhook-signature\":\"v1,%.*s\"}",
                               OD_STR_ARG(base64_of(a, digest, OD_SHA256)));
    }
}

/* ---- the host */

struct host {
    struct od_bundle *bundle;
    struct od_arena *arena;
    struct od_task *waiting;
    const struct od_task_request *request;
    bool ended;
    unsigned mood; /* how commands are answered, bit for bit */
};

static void on_start(void *ctx, struct od_task *t, const struct od_task_request *request)
{
    struct host *h = ctx;

    MUST(!h->waiting && !h->ended);
    h->waiting = t;
    h->request = request;
}

static void on_done(void *ctx, struct od_task *t, const struct od_err *err)
{
    struct host *h = ctx;
    const struct od_route_reply *reply = od_task_reply(t);

    if (err) {
        fprintf(stderr, "%s: %s\n", err->origin, err->message);
        abort();
    }
    MUST(reply->message_id.len > 0);
    if (reply->refused.code.ptr)
        MUST(reply->refused.message.len > 0 && reply->refused.status >= 400);
    if (reply->receipt != OD_RECEIPT_ACCEPTED)
        MUST(reply->receipt_reason.len > 0);
    h->ended = true;
}

static int decide(void *ctx, const struct od_command *command)
{
    unsigned *mood = ctx;

    MUST(command && command->type < OD_COMMAND_TYPES);
    *mood = *mood * 5 + 1;
    return *mood % 7 == 0 ? -1 : 0;
}

/* The composite commands run as in the engine, but for the steps, which are done in word alone. */
static void run_composite(struct host *h, const struct od_command *c)
{
    struct od_policies policies = od_bundle_policies(h->bundle, 1);
    struct od_order o = make_order();
    struct od_policy_request request = {.actor = OD_STR("webhook:x"), .now = NOW};
    struct od_policy_answer answer;
    struct od_err err = {0};
    unsigned mood = h->mood;
    struct od_steps steps = {&mood, decide};

    enum od_run run =
        policies.run(policies.ctx, c->name, c->args, &o, &request, h->arena, &steps, &answer, &err);
    if (run == OD_RUN_FAILED) {
        fprintf(stderr, "%s: %s\n", err.origin, err.message);
        abort();
    }
}

static struct od_str order_text(struct host *h)
{
    struct od_order o = make_order();
    struct od_buf b;

    od_buf_init(&b, 1 << 20);
    od_order_script_json(&o, &b);
    struct od_str text = od_arena_str(h->arena, od_buf_view(&b));
    od_buf_fini(&b);
    return text;
}

static void answer(struct host *h)
{
    static const int refusals[] = {404, 409, 422, 503};
    struct od_task *t = h->waiting;
    struct od_task_answer a = {0};
    struct od_str text = OD_STR_NONE;
    bool good = h->mood & 1;

    h->waiting = NULL;
    h->mood >>= 1;
    for (uint32_t i = 0; h->request->wait == OD_WAIT_COMMANDS && i < h->request->part_count; i++) {
        const struct od_task_part *part = &h->request->parts[i];
        MUST(part->command && part->body.ptr && h->request->key.ptr);
        if (part->command->type == OD_COMMAND_COMPOSITE)
            run_composite(h, part->command);
    }
    if (h->request->wait == OD_WAIT_COMMANDS && !good) {
        a.error_code = OD_STR("refused");
        a.error = OD_STR("It refuses.");
        a.error_status = refusals[h->mood % 4];
    } else if (h->request->wait == OD_WAIT_QUERY) {
        text = OD_STR("{\"order_id\":7}");
        a = (struct od_task_answer){.texts = &text, .count = good};
    } else {
        text = good || h->request->wait == OD_WAIT_COMMANDS ? order_text(h) : OD_STR_NONE;
        a = (struct od_task_answer){.texts = &text, .count = 1};
    }
    od_task_answer(t, &a, NOW);
}

static uint32_t offer_of(struct od_bundle *b, const char *source)
{
    uint32_t count, i = 0;
    const struct od_offer *offers = od_bundle_offers(b, OD_OFFER_RECEIVER, &count);

    while (i < count && !od_str_is(offers[i].name, source))
        i++;
    MUST(i < count);
    return i;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct od_arena forever;
    static struct od_bundle *bundle;
    struct od_arena a;

    if (!bundle) {
        od_log_set_level(OD_LOG_ERROR + 1);
        od_arena_init(&forever);
        bundle = load(&forever);
    }
    if (size < 2)
        return 0;
    od_arena_init(&a);
    int receiver = data[0] % RECEIVERS;
    bool forged = data[0] >= 0xf0;
    struct host h = {.bundle = bundle, .arena = &a, .mood = data[1]};
    struct od_task_host host = {.ctx = &h, .start = on_start, .done = on_done};
    struct od_str rest = od_str_n((const char *)data + 2, size - 2);
    struct od_str body =
        od_arena_str(&a, receiver == ADYEN && !forged ? adyen_body(&a, rest) : rest);
    struct od_message m = {
        .source = od_str_of(sources[receiver]),
        .headers = headers_of(&a, receiver, forged ? OD_STR("another") : body),
        .body = body,
        .received_at = NOW,
    };
    od_task_start_receiver(bundle, offer_of(bundle, sources[receiver]), &m, NOW, &host, &h);
    for (int n = 0; h.waiting; n++) {
        MUST(n < WAITS);
        answer(&h);
    }
    MUST(h.ended);
    od_arena_fini(&a);
    return 0;
}
