#include "api/bulk/bulk.h"
#include "base/idempotency_key.h"
#include "order/machine/command_kind.h"
#include "order/show/render.h"

/*
 * NDJSON: a command a line, an answer a line.
 *   {"command": "cancel", "order": "1042", "reason": "…"}
 *   {"line": 1, "status": 200, "order": {"orderId": …}}
 */

enum {
    LINE_BYTES =
        1 << 20, /* bytes: more than the largest order, and little enough to be read at once */
};

/* Commands also go by the last part of their path. */
static bool parse_command(struct od_str name, enum od_command_type *type)
{
    for (int t = 0; t < OD_COMMAND_TYPES; t++) {
        const struct od_command_kind *kind = od_command_kinds[t];
        *type = (enum od_command_type)t;
        if (od_str_is(name, kind->name) || (kind->alias && od_str_is(name, kind->alias)))
            return od_command_offered(kind);
    }
    return false;
}

/* Takes a member out of the line's object, for what is left is the command's body; NULL: there is
 * none, or it is null. */
static const struct od_json *take(struct od_json *o, const char *key)
{
    for (struct od_json **at = &o->child; *at; at = &(*at)->next) {
        struct od_json *found = *at;
        if (!od_str_is(found->key, key))
            continue;
        *at = found->next;
        o->count--;
        found->next = NULL;
        return found->type == OD_JSON_NULL ? NULL : found;
    }
    return NULL;
}

static bool refuse_member(struct od_bulk_line *l, const char *member, const char *what)
{
    struct od_problem_error *error = OD_NEW(&l->arena, struct od_problem_error);
    error->pointer = od_arena_printf(&l->arena, "/%s", member);
    error->detail = od_str_of(what);
    (void)od_bulk_refuse(l, 422, "invalid", "%s %s", member, what);
    l->problem.errors = error;
    l->problem.error_count = 1;
    return false;
}

static bool take_text(struct od_bulk_line *l, struct od_json *o, const char *member, size_t max,
                      struct od_str *out)
{
    const struct od_json *v = take(o, member);
    *out = OD_STR_NONE;
    if (!v)
        return true;
    if (v->type != OD_JSON_STRING || v->text.len == 0 || v->text.len > max)
        return refuse_member(l, member, "must be a text that is neither empty nor over-long");
    *out = v->text;
    return true;
}

static bool take_id(struct od_bulk_line *l, struct od_json *o, const char *member, int32_t *out)
{
    const struct od_json *v = take(o, member);
    int64_t id = 0;
    if (v && !od_json_i64(v, 1, INT32_MAX, &id))
        return refuse_member(l, member, "must be a number from 1");
    *out = (int32_t)id;
    return true;
}

static bool take_terms(struct od_bulk_line *l, struct od_json *o)
{
    struct od_submission *s = &l->submission;
    const struct od_json *dry_run = take(o, "dryRun");
    if (dry_run && dry_run->type != OD_JSON_BOOL)
        return refuse_member(l, "dryRun", "must be true or false");
    s->dry_run = dry_run && dry_run->boolean;
    if (!take_id(l, o, "ifMatch", &s->if_match) ||
        !take_text(l, o, "idempotencyKey", OD_IDEMPOTENCY_KEY_MAX, &s->key))
        return false;
    if (s->key.ptr && !od_idempotency_key_valid(s->key, 0))
        return refuse_member(l, "idempotencyKey", "must be printable ASCII without blanks");
    return true;
}

/* `order` is a text (number, uuid or id:42), or an orderId as a number. */
static bool take_order(struct od_bulk_line *l, struct od_json *o, enum od_command_type type)
{
    const struct od_json *v = take(o, "order");
    bool named = v && (v->type == OD_JSON_STRING || v->type == OD_JSON_NUMBER);
    if (od_command_kinds[type]->subject != OD_SUBJECT_ORDER)
        return v ? refuse_member(l, "order", "is not for this command") : true;
    if (!named)
        return refuse_member(
            l, "order", "must name the order: its number, its uuid, or its orderId as a number");
    if (v->type == OD_JSON_STRING)
        return od_bulk_read_order(l, v->text);
    l->name = v->text;
    if (!od_json_i64(v, 1, INT64_MAX, &l->submission.ref.order_id))
        return refuse_member(l, "order", "must be an orderId when it is a number");
    return true;
}

/* Reads the value that the path of a single command would have beside the order. It is read before
 * the body, whose parser begins a command anew. */
struct address {
    const struct od_command_member *member; /* NULL: nothing was said */
    int32_t id;
    struct od_str text;
};

static bool take_address(struct od_bulk_line *l, struct od_json *o, enum od_command_type type,
                         struct address *a)
{
    const struct od_command_member *m = od_command_kinds[type]->member;
    *a = (struct address){0};
    if (!m || m->in_body)
        return true;
    if (!(m->part ? take_id(l, o, m->name, &a->id) : take_text(l, o, m->name, 100, &a->text)))
        return false;
    if (a->id || a->text.ptr)
        a->member = m;
    else if (!m->optional)
        return refuse_member(l, m->name, "is required");
    return true;
}

static void set_address(struct od_command *c, const struct address *a)
{
    if (!a->member)
        return;
    if (a->member->part)
        od_command_set_id(c, a->member, a->id);
    else
        od_command_set_text(c, a->member, a->text);
}

/* A plugin's command has its arguments in `args`: any names may be theirs. */
static bool read_body(struct od_bulk_line *l, struct od_json *o, enum od_command_type type)
{
    if (type != OD_COMMAND_COMPOSITE)
        return od_bulk_read_body(l, type, o);
    const struct od_json *args = take(o, "args");
    if (o->child)
        return refuse_member(l, "args", "must hold all of the command's arguments");
    struct od_json *none = NULL;
    struct od_err err;
    if (!args && od_json_parse(&l->arena, OD_STR("{}"), 1, &none, &err) == 0)
        args = none;
    return od_bulk_read_body(l, type, args);
}

static void read_line(struct od_bulk_line *l, struct od_str text)
{
    enum od_command_type type = OD_COMMAND_TYPES;
    struct od_json *o;
    struct od_err err;
    struct od_str name;
    struct address address;
    if (od_json_parse(&l->arena, text, OD_API_BODY_DEPTH, &o, &err)) {
        (void)od_bulk_refuse(l, 400, "malformed_json", "The line is not JSON: %s", err.message);
        return;
    }
    if (o->type != OD_JSON_OBJECT) {
        (void)od_bulk_refuse(l, 422, "invalid", "The line must be an object");
        return;
    }
    if (!take_text(l, o, "command", 40, &name))
        return;
    if (!parse_command(name, &type)) {
        (void)refuse_member(l, "command", "must be a command's name, as place, track or cancel");
        return;
    }
    if (!take_terms(l, o) || !take_order(l, o, type) || !take_address(l, o, type, &address) ||
        !read_body(l, o, type))
        return;
    set_address(&l->command, &address);
}

static bool begin(struct od_bulk *b)
{
    static const struct od_str mark = OD_STR_INIT("\xEF\xBB\xBF");
    b->rest = b->req->body;
    if (od_str_starts_with(b->rest, mark))
        b->rest = od_str_slice(b->rest, mark.len, b->rest.len);
    return true;
}

static bool next(struct od_bulk *b, struct od_bulk_line *l)
{
    struct od_str text = OD_STR("");
    while (b->rest.len && text.len == 0) {
        const char *end = memchr(b->rest.ptr, '\n', b->rest.len);
        size_t n = end ? (size_t)(end - b->rest.ptr) : b->rest.len;
        text = od_str_trim(od_str_slice(b->rest, 0, n));
        b->rest = od_str_slice(b->rest, end ? n + 1 : n, b->rest.len);
        b->line++;
    }
    l->number = b->line;
    if (text.len == 0)
        return false;
    if (text.len > LINE_BYTES)
        (void)od_bulk_refuse(l, 413, "line_too_large", "A line has at most %d bytes.", LINE_BYTES);
    else
        read_line(l, text);
    return true;
}

/* ---- answers */

static void write_order(struct od_json_writer *w, const struct od_order *o)
{
    char uuid[OD_UUID_TEXT + 1];
    od_uuid_format(&o->uuid, uuid);
    od_jw_key(w, "order");
    od_jw_object(w);
    od_jw_key(w, "orderId");
    od_jw_i64(w, o->order_id);
    od_jw_key(w, "uuid");
    od_jw_cstr(w, uuid);
    od_jw_key(w, "orderNumber");
    od_jw_str(w, o->order_number);
    od_jw_key(w, "version");
    od_jw_i64(w, o->version);
    od_jw_key(w, "status");
    od_jw_str(w, o->status);
    od_jw_key(w, "paymentStatus");
    od_jw_str(w, o->payment_status);
    od_jw_key(w, "shipmentStatus");
    od_jw_str(w, o->shipment_status);
    od_jw_object_end(w);
}

static void begin_answer(struct od_json_writer *w, const struct od_bulk_line *l, int status,
                         struct od_buf *out)
{
    od_jw_init(w, out);
    od_jw_object(w);
    od_jw_key(w, "line");
    od_jw_i64(w, (int64_t)l->number);
    od_jw_key(w, "status");
    od_jw_i64(w, status);
}

static void write_result(const struct od_bulk_line *l, const struct od_bulk_result *r,
                         struct od_buf *out)
{
    struct od_json_writer w;
    const char *ref = od_answer_id(od_command_kinds[l->command.type]);
    begin_answer(&w, l, r->status, out);
    if (r->stock) {
        od_jw_key(&w, "stock");
        od_stock_write(&w, r->stocks, r->stock);
    } else if (r->order) {
        write_order(&w, r->order);
    }
    if (ref && r->ref_id) {
        od_jw_key(&w, ref);
        od_jw_i64(&w, r->ref_id);
    }
    if (r->replayed) {
        od_jw_key(&w, "replayed");
        od_jw_bool(&w, true);
    }
    if (r->dry_run) {
        od_jw_key(&w, "dryRun");
        od_jw_bool(&w, true);
    }
    od_jw_object_end(&w);
    od_buf_char(out, '\n');
}

static void write_problem(const struct od_bulk_line *l, struct od_buf *out)
{
    struct od_json_writer w;
    struct od_buf document;
    od_buf_init(&document, 1 << 20);
    od_problem_write(&document, &l->problem);
    begin_answer(&w, l, l->problem.status, out);
    od_jw_key(&w, "problem");
    od_jw_raw(&w, od_buf_view(&document));
    od_jw_object_end(&w);
    od_buf_char(out, '\n');
    od_buf_fini(&document);
}

const struct od_bulk_format od_bulk_ndjson = {
    .type = "application/x-ndjson",
    .begin = begin,
    .next = next,
    .write_result = write_result,
    .write_problem = write_problem,
};
