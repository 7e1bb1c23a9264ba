
#include <stdlib.h>

#include "base/json/json.h"
#include "engine/engine.h"
#include "feed/targets/kinds.h"
#include "order/machine/command_kind.h"
#include "order/machine/parse.h"
#include "order/model/shop.h"

/*
 * The commands that hooks ask for, through the engine: each takes effect once, under the key of its
 * delivery ("delivery-7"), by the actor "hook:<label>". What is refused is refused for good.
 *
 * A command is safe without anything before it being replicated: when its own commit succeeds, all
 * that is before it in the log is.
 */

enum { MAX_DEPTH = 32, AT_ONCE = 200 };

struct call {
    struct od_arena arena;
    struct od_command command;
    struct od_submission submission;
    struct od_delivery *delivery;
    struct od_delivery_result result;
};

static void finish(struct call *c)
{
    od_delivery_done(c->delivery, &c->result);
    od_arena_fini(&c->arena);
    free(c);
}

static void refuse(struct call *c, struct od_str code, struct od_str text)
{
    c->result.outcome = OD_DELIVERY_REFUSED;
    c->result.why = od_arena_printf(&c->arena, "%.*s: %.*s", OD_STR_ARG(code), OD_STR_ARG(text));
}

static void on_decided(void *ctx, const struct od_outcome *outcome)
{
    struct call *c = ctx;
    c->result = (struct od_delivery_result){0};
    switch (outcome->kind) {
    case OD_OUTCOME_DECIDED:
        if (outcome->decision->verdict != OD_VERDICT_DONE)
            refuse(c, outcome->decision->refusal.code, outcome->decision->refusal.detail);
        return;
    case OD_OUTCOME_REPLAYED: /* the attempt before took effect and died before it could say so */
        return;
    case OD_OUTCOME_KEY_REUSED:
    case OD_OUTCOME_NUMBER_TAKEN:
        refuse(c, OD_STR("conflict"), OD_STR("the delivery's key was used for something else"));
        return;
    }
}

static void on_done(void *ctx, const struct od_err *err)
{
    struct call *c = ctx;
    if (err) {
        c->result.outcome = OD_DELIVERY_LATER;
        c->result.why = od_arena_str(&c->arena, od_str_of(err->message));
    }
    finish(c);
}

/* A plugin's command is called commands/NAME. */
static bool parse_type(struct od_str name, struct od_command *out)
{
    const struct od_str prefix = OD_STR("commands/");
    if (od_str_starts_with(name, prefix)) {
        out->type = OD_COMMAND_COMPOSITE;
        out->name = od_str_slice(name, prefix.len, name.len);
        return true;
    }
    for (enum od_command_type type = 0; type < OD_COMMAND_TYPES; type++) {
        const char *call = od_command_call(od_command_kinds[type]);
        out->type = type;
        if (call && od_str_is(name, call))
            return true;
    }
    return false;
}

/* Takes the member out of the body. */
static struct od_json *take_member(struct od_json *body, const char *key)
{
    for (struct od_json **at = &body->child; *at; at = &(*at)->next) {
        struct od_json *found = *at;
        if (!od_str_is(found->key, key))
            continue;
        *at = found->next;
        body->count--;
        return found;
    }
    return NULL;
}

/* Reads the number of a part of the order, which stands in the path over HTTP. *id 0: it may be
 * left out. */
static int take_part(struct call *c, struct od_json *body, const struct od_command_member *m,
                     int32_t *id)
{
    const struct od_json *v = m && m->part ? take_member(body, m->name) : NULL;
    int64_t number = 0;
    *id = 0;
    if (!m || !m->part || (!v && m->optional))
        return 0;
    if (!v || !od_json_i64(v, 1, INT32_MAX, &number)) {
        refuse(c, OD_STR("invalid"),
               od_arena_printf(&c->arena, "%s must name a %s", m->field, m->part));
        return -1;
    }
    *id = (int32_t)number;
    return 0;
}

/* The payload into the command; -1 when it is refused. */
static int read_command(struct call *c, const struct od_delivery *in, const struct od_rules *rules,
                        int64_t *order_id)
{
    struct od_command what = {0};
    struct od_json *body;
    struct od_err err;
    struct od_problem_list problems = {.arena = &c->arena};
    const struct od_command_member *member;
    int32_t id;
    if (!od_str_to_i64(in->recipient, 1, INT64_MAX, order_id)) {
        refuse(c, OD_STR("order_not_found"), OD_STR("the order is not named by its id"));
        return -1;
    }
    if (!parse_type(od_arena_str(&c->arena, in->name), &what)) {
        refuse(c, OD_STR("unknown_command"), in->name);
        return -1;
    }
    if (od_json_parse(&c->arena, od_arena_str(&c->arena, in->payload), MAX_DEPTH, &body, &err)) {
        refuse(c, OD_STR("malformed_json"), od_str_of(err.message));
        return -1;
    }
    member = od_command_kinds[what.type]->member;
    if (take_part(c, body, member, &id) != 0)
        return -1;
    struct od_str currency = od_shop_currency(rules->shop, body, rules->default_currency);
    if (od_command_parse(what.type, body, &c->arena, currency, &c->command, &problems)) {
        const struct od_problem_item *first = &problems.items[0];
        refuse(c, OD_STR("invalid"),
               od_arena_printf(&c->arena, "%.*s %.*s", OD_STR_ARG(first->pointer),
                               OD_STR_ARG(first->detail)));
        return -1;
    }
    c->command.name = what.name;
    if (id)
        od_command_set_id(&c->command, member, id);
    return 0;
}

static void hash_request(struct call *c, const struct od_delivery *in)
{
    struct od_sha256 *digest = od_sha256_new();
    od_sha256_update(digest, in->name);
    od_sha256_update(digest, OD_STR("\n"));
    od_sha256_update(digest, in->payload);
    od_sha256_free(digest, c->submission.request_hash);
}

static void run(struct od_engine *engine, struct od_delivery *d)
{
    struct call *c = calloc(1, sizeof *c);
    if (!c)
        abort();
    od_arena_init(&c->arena);
    c->delivery = d;
    if (read_command(c, d, od_engine_rules(engine), &c->submission.ref.order_id)) {
        finish(c);
        return;
    }
    c->command.actor = od_arena_printf(&c->arena, "hook:%.*s", OD_STR_ARG(d->hook));
    hash_request(c, d);
    c->submission.command = &c->command;
    c->submission.principal = c->command.actor;
    c->submission.key = od_arena_printf(&c->arena, "delivery-%lld", (long long)d->delivery_id);
    c->submission.cause = od_arena_printf(&c->arena, "delivery:%lld", (long long)d->delivery_id);
    c->submission.ctx = c;
    c->submission.decided = on_decided;
    c->submission.done = on_done;
    od_engine_submit(engine, &c->submission);
}

static void deliver(void *target, struct od_delivery *const *batch, size_t n)
{
    for (size_t i = 0; i < n; i++)
        run(target, batch[i]);
}

static void *open_target(const struct od_target_host *host, const struct od_target_conf *conf)
{
    (void)conf;
    return host->engine;
}

/* The engine answers what it was given; the deliverer waits for that. */
static void close_target(void *target, void (*closed)(void *ctx), void *ctx)
{
    (void)target;
    closed(ctx);
}

const struct od_target_kind od_target_command = {
    .name = "command",
    .file_only = "there is one, which is this server.",
    .help = "Commands that hooks ask for, carried out by this server.",
    .concurrency = AT_ONCE,
    .builtin = true,
    .single = true,
    .open = open_target,
    .deliver = deliver,
    .close = close_target,
};
