#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/import/chain.h"
#include "cli/import/source.h"
#include "base/clock.h"
#include "base/json/json.h"
#include "order/machine/command_kind.h"
#include "order/machine/parse.h"
#include "order/model/limits.h"
#include "order/model/shop.h"

/*
 * One JSON object a line: the body of POST /api/orders with the order's further life beside it
 * (payments, shipments, returns, refunds, holds, activities, canceled), or {"inventory": {"sku",
 * "qty" or "delta"}}. The parser of the API's bodies reads each part, too. A part without a time of
 * its own happened when the order was placed.
 */

#define ACTOR OD_STR("import")

enum { LINE_BYTES_MAX = 1 << 20, DEPTH_MAX = 32 };

struct ndjson {
    FILE *file;
    const char *path;
    bool is_stdin;
    char *line; /* getline's */
    size_t cap, number;
    struct od_str default_currency, delivered;
    const struct od_shop *shop;
};

/* A line that is being read. */
struct reading {
    const struct ndjson *n;
    struct od_import_unit *unit;
    struct od_problem_list problems;
    struct od_chain chain;
    int64_t placed_at; /* 0: now */
    struct od_chain_step *placed;
};

/* One array of the line's parts, called as the command's route is. */
struct part {
    enum od_command_type type;
    const char *const *extras; /* members that are not the command's; NULL-terminated */
    void (*added)(struct reading *r, const struct od_json *part, const char *pointer,
                  struct od_chain_step *step);
};

static const char *const at_only[] = {"at", NULL};
static const char *const shipment_extras[] = {"at", "deliveredAt", NULL};
static const char *const return_extras[] = {"at", "receivedAt", NULL};

static bool is_one_of(struct od_str key, const char *const *names)
{
    while (*names && !od_str_is(key, *names))
        names++;
    return *names != NULL;
}

/* The object without those members; the values stay shared. */
static struct od_json *without(struct od_arena *a, const struct od_json *o,
                               const char *const *names)
{
    struct od_json *copy = OD_NEW(a, struct od_json);
    *copy = *o;
    struct od_json **link = &copy->child;
    copy->count = 0;
    for (const struct od_json *m = o->child; m; m = m->next) {
        if (is_one_of(m->key, names))
            continue;
        *link = OD_NEW(a, struct od_json);
        **link = *m;
        link = &(*link)->next;
        copy->count++;
    }
    *link = NULL;
    return copy;
}

/* A part's body as a command; pointers of problems are made to begin at the line's object. */
static struct od_command *parse(struct reading *r, enum od_command_type type,
                                const struct od_json *body, const char *pointer)
{
    struct od_arena *a = &r->unit->arena;
    struct od_command *c = OD_NEW(a, struct od_command);
    size_t before = r->problems.count;
    struct od_str currency = od_shop_currency(r->n->shop, body, r->n->default_currency);
    int rc = od_command_parse(type, body, a, currency, c, &r->problems);
    for (size_t i = before; i < r->problems.count; i++) {
        struct od_problem_item *item = &r->problems.items[i];
        item->pointer = od_arena_printf(a, "%s%.*s", pointer, OD_STR_ARG(item->pointer));
    }
    return rc == 0 ? c : NULL;
}

/* A time member; `otherwise` when it is not there. */
static int64_t read_time(struct reading *r, const struct od_json *o, const char *name,
                         const char *pointer, int64_t otherwise)
{
    int64_t at = otherwise;
    const struct od_json *v = od_json_get(o, name);
    if (v && v->type != OD_JSON_NULL && (v->type != OD_JSON_STRING || !od_time_parse(v->text, &at)))
        od_problem_add(&r->problems, od_arena_printf(&r->unit->arena, "%s/%s", pointer, name).ptr,
                       "must be a time like 2024-05-31T08:00:00Z");
    return at;
}

static void deliver(struct reading *r, const struct od_json *part, const char *pointer,
                    struct od_chain_step *sent)
{
    const struct od_json *v = od_json_get(part, "deliveredAt");
    if (!v || v->type == OD_JSON_NULL)
        return;
    if (!r->n->delivered.ptr)
        od_problem_add(&r->problems, pointer, "no shipment status has the phase delivered");
    int64_t at = read_time(r, part, "deliveredAt", pointer, 0);
    struct od_chain_step *s = od_chain_add(&r->chain, OD_COMMAND_UPDATE_SHIPMENT, at, sent);
    s->command->shipment.status = r->n->delivered;
}

/* All of it, and nothing goes back on a shelf: history took nothing from one. */
static void receive(struct reading *r, const struct od_json *part, const char *pointer,
                    struct od_chain_step *announced)
{
    const struct od_json *v = od_json_get(part, "receivedAt");
    if (!v || v->type == OD_JSON_NULL)
        return;
    int64_t at = read_time(r, part, "receivedAt", pointer, 0);
    struct od_chain_step *s = od_chain_add(&r->chain, OD_COMMAND_UPDATE_RETURN, at, announced);
    s->command->ret.status = OD_STR("received");
}

static const struct part parts[] = {
    {OD_COMMAND_PAYMENT, at_only, NULL},
    {OD_COMMAND_CREATE_SHIPMENT, shipment_extras, deliver},
    {OD_COMMAND_CREATE_RETURN, return_extras, receive},
    {OD_COMMAND_REFUND, at_only, NULL},
    {OD_COMMAND_ADD_ACTIVITY, at_only, NULL},
    {OD_COMMAND_HOLD, at_only, NULL},
};
enum { PARTS = sizeof parts / sizeof *parts };

static const char *part_name(const struct part *part)
{
    return od_command_kinds[part->type]->alias;
}

/* The line without what is no part of the order's own body. */
static struct od_json *order_body(struct od_arena *a, const struct od_json *line)
{
    const char *extras[PARTS + 3] = {"canceled", "historical"};
    for (size_t i = 0; i < PARTS; i++)
        extras[i + 2] = part_name(&parts[i]);
    return without(a, line, extras);
}

static void read_parts(struct reading *r, const struct od_json *line, const struct part *part)
{
    char pointer[48];
    unsigned index = 0;
    const char *name = part_name(part);
    const struct od_json *list = od_json_get(line, name);
    if (!list || list->type == OD_JSON_NULL)
        return;
    snprintf(pointer, sizeof pointer, "/%s", name);
    if (list->type != OD_JSON_ARRAY)
        od_problem_add(&r->problems, pointer, "must be an array");
    for (const struct od_json *v = list->child; list->type == OD_JSON_ARRAY && v; v = v->next) {
        snprintf(pointer, sizeof pointer, "/%s/%u", name, index++);
        struct od_json *body = without(&r->unit->arena, v, part->extras);
        struct od_command *c = parse(r, part->type, body, pointer);
        if (!c)
            continue;
        int64_t at = read_time(r, v, "at", pointer, c->at ? c->at : r->placed_at);
        struct od_chain_step *step = od_chain_add_command(&r->chain, c, at, r->placed);
        if (part->added)
            part->added(r, v, pointer, step);
    }
}

static void read_cancel(struct reading *r, const struct od_json *line)
{
    const struct od_json *v = od_json_get(line, "canceled");
    if (!v || v->type == OD_JSON_NULL)
        return;
    struct od_json *body = without(&r->unit->arena, v, at_only);
    struct od_command *c = parse(r, OD_COMMAND_CANCEL, body, "/canceled");
    if (!c)
        return;
    int64_t at = read_time(r, v, "at", "/canceled", r->placed_at);
    struct od_command *last = od_chain_add_last(&r->chain, OD_COMMAND_CANCEL, at)->command;
    last->text = c->text;
    last->units = c->units;
    last->unit_count = c->unit_count;
}

static bool read_historical(struct reading *r, const struct od_json *line)
{
    const struct od_json *v = od_json_get(line, "historical");
    if (v && v->type != OD_JSON_NULL && v->type != OD_JSON_BOOL)
        od_problem_add(&r->problems, "/historical", "must be true or false");
    return v && v->boolean;
}

/* A repetition finds the order itself, by its uuid or number. An order of neither gets its uuid
 * from the digest of its line: idempotency keys expire, and the same file may be imported years
 * later. Other lines are known by their digest alone. */
static void identify(struct reading *r, struct od_str line, struct od_order *draft)
{
    static const struct od_uuid lines = {{0x6d, 0x1c, 0x0e, 0x9a, 0x52, 0x7b, 0x4f, 0x38, 0x9d,
                                          0x41, 0x0b, 0xe6, 0x73, 0xc5, 0x28, 0xf4}};
    char hex[OD_SHA256_HEX + 1];
    struct od_import_unit *u = r->unit;
    od_sha256_of(line, u->request_hash);
    od_hex(u->request_hash, OD_SHA256, hex);
    if (draft && draft->order_number.ptr)
        u->order = draft->order_number;
    if (draft && !od_uuid_is_zero(&draft->uuid)) {
        char text[OD_UUID_TEXT + 1];
        u->uuid = draft->uuid;
        od_uuid_format(&u->uuid, text);
        u->order = od_arena_str(&u->arena, od_str_of(text));
        return;
    }
    u->key = od_arena_printf(&u->arena, "import:%s", hex);
    if (draft && !draft->order_number.ptr)
        u->uuid = draft->uuid = od_uuid_v5(&lines, od_str_of(hex));
}

static struct od_command *read_order(struct reading *r, const struct od_json *line,
                                     struct od_str text)
{
    struct od_json *body = order_body(&r->unit->arena, line);
    struct od_command *place = parse(r, OD_COMMAND_PLACE, body, "");
    od_chain_init(&r->chain, &r->unit->arena, ACTOR, read_historical(r, line));
    identify(r, text, place ? place->draft : NULL);
    /* The parts are read even so: a line's problems are reported all at once. */
    if (!place) {
        place = OD_NEW(&r->unit->arena, struct od_command);
        place->type = OD_COMMAND_PLACE;
    }
    r->placed_at = place->at;
    r->placed = od_chain_add_command(&r->chain, place, place->at, NULL);
    for (size_t i = 0; i < PARTS; i++)
        read_parts(r, line, &parts[i]);
    read_cancel(r, line);
    return od_chain_link(&r->chain);
}

static struct od_command *read_stock(struct reading *r, const struct od_json *line,
                                     struct od_str text)
{
    static const char *const sku_only[] = {"sku", NULL};
    const struct od_json *v = od_json_get(line, "inventory");
    const struct od_json *sku = od_json_get(v, "sku");
    identify(r, text, NULL);
    if (line->count > 1)
        od_problem_add(&r->problems, "", "inventory stands alone on its line");
    if (!sku || sku->type != OD_JSON_STRING || sku->text.len == 0 || sku->text.len > OD_SKU_MAX)
        od_problem_add(&r->problems, "/inventory/sku", "must be a string of 1 to %d bytes",
                       OD_SKU_MAX);
    struct od_json *body = without(&r->unit->arena, v, sku_only);
    struct od_command *c = parse(r, OD_COMMAND_SET_INVENTORY, body, "/inventory");
    if (!c || !sku || r->problems.count > 0)
        return NULL;
    c->sku = sku->text;
    c->actor = ACTOR;
    return c;
}

static void read_line(const struct ndjson *n, struct od_str text, struct od_import_unit *u)
{
    struct od_err err;
    struct od_json *line;
    struct reading r = {.n = n, .unit = u, .problems = {.arena = &u->arena}};
    if (text.len > LINE_BYTES_MAX) {
        od_import_note(u, "malformed", "the line is longer than %d bytes", LINE_BYTES_MAX);
        return;
    }
    text = od_arena_str(&u->arena, text); /* the commands borrow from it */
    if (od_json_parse(&u->arena, text, DEPTH_MAX, &line, &err) != 0) {
        const char *first = "line 1 "; /* of the text, which is one line of the input */
        bool says = strncmp(err.message, first, strlen(first)) == 0;
        od_import_note(u, "malformed", "%s", err.message + (says ? strlen(first) : 0));
        return;
    }
    bool stock = od_json_get(line, "inventory") != NULL;
    struct od_command *commands = stock ? read_stock(&r, line, text) : read_order(&r, line, text);
    for (size_t i = 0; i < r.problems.count; i++)
        od_import_note(u, "invalid", "%.*s: %.*s", OD_STR_ARG(r.problems.items[i].pointer),
                       OD_STR_ARG(r.problems.items[i].detail));
    u->commands = r.problems.count == 0 ? commands : NULL;
}

static int next_unit(void *ctx, struct od_import_unit *u, struct od_err *err)
{
    struct ndjson *n = ctx;
    for (;;) {
        errno = 0;
        ssize_t len = getline(&n->line, &n->cap, n->file);
        if (len < 0 && ferror(n->file))
            return od_err_set(err, OD_ERR_IO, "cannot read %s: %s", n->path, strerror(errno));
        if (len < 0)
            return 0;
        n->number++;
        struct od_str text = od_str_trim(od_str_n(n->line, (size_t)len));
        if (text.len == 0)
            continue;
        u->line = n->number;
        read_line(n, text, u);
        return 1;
    }
}

static void close_ndjson(void *ctx)
{
    struct ndjson *n = ctx;
    if (n->file && !n->is_stdin)
        fclose(n->file);
    free(n->line);
    free(n);
}

int od_import_ndjson_open(struct od_import_source *s, const char *path,
                          const struct od_import_shop *shop, struct od_err *err)
{
    struct ndjson *n = calloc(1, sizeof *n);
    if (!n)
        abort();
    n->path = path;
    n->default_currency = shop->default_currency;
    n->shop = shop->shop;
    n->delivered = od_import_status(shop, OD_STATUS_SHIPMENT, "delivered");
    n->is_stdin = strcmp(path, "-") == 0;
    n->file = n->is_stdin ? stdin : fopen(path, "re");
    if (!n->file) {
        od_err_set(err, OD_ERR_IO, "cannot read %s: %s", path, strerror(errno));
        close_ndjson(n);
        return -1;
    }
    *s = (struct od_import_source){.ctx = n, .next = next_unit, .close = close_ndjson};
    return 0;
}
