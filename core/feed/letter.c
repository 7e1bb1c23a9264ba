#include "feed/letter.h"

#include "base/digest.h"
#include "base/json/json.h"
#include "base/log.h"
#include "base/mail/address.h"
#include "order/ledger/event.h"
#include "script/template/letter.h"

enum { DEPTH = 64, PAYLOAD_MAX = 32 << 20, PRINT_MAX = 16 << 20, ID_HEX = 32 };

/* One mail while it is planned. */
struct plan {
    struct od_round *round;
    const struct od_event *event;
    const struct od_order *order;
    struct od_planned *row;
    const struct od_json *asked; /* the payload that the hook or the person gave */
    struct od_conf_shop_keys shop;
};

static struct od_str text_of(const struct plan *m, const char *key)
{
    const struct od_json *v = od_json_get(m->asked, key);
    return v && v->type == OD_JSON_STRING ? v->text : OD_STR_NONE;
}

static int32_t id_of(const struct plan *m, const char *key)
{
    const struct od_json *v = od_json_get(m->asked, key);
    int64_t id = 0;
    return v && od_json_i64(v, 1, INT32_MAX, &id) ? (int32_t)id : 0;
}

static bool to_customer(const struct plan *m)
{
    return od_str_eq_nocase(m->row->recipient, m->order->customer_email);
}

/* ---- once */

/* ":shipment:2": what tells mails of one template and order apart, as far as the event does. A
 * status that is reached again is no news; another parcel is. */
static struct od_str about(const struct plan *m)
{
    const struct od_event *e = m->event;
    struct od_arena *a = m->round->arena;
    static const char *const statuses[OD_STATUS_KINDS] = {
        [OD_STATUS_ORDER] = "order.status_changed",
        [OD_STATUS_PAYMENT] = "payment.status_changed",
        [OD_STATUS_SHIPMENT] = "shipment.status_changed",
    };
    for (int kind = 0; kind < OD_STATUS_KINDS; kind++) {
        if (od_str_is(m->row->topic, statuses[kind]))
            return od_arena_printf(a, ":status:%.*s", OD_STR_ARG(e->status[kind].to));
    }
    if (!od_str_eq(m->row->topic, od_event_type_name(e->type)))
        return OD_STR("");
    if (e->shipment)
        return od_arena_printf(a, ":shipment:%d", e->shipment->shipment_id);
    if (e->refund)
        return od_arena_printf(a, ":refund:%d", e->refund->refund_id);
    if (e->ret)
        return od_arena_printf(a, ":return:%d", e->ret->return_id);
    if (e->payment)
        return od_arena_printf(a, ":payment:%d", e->payment->payment_id);
    if (e->invoice)
        return od_arena_printf(a, ":invoice:%d", e->invoice->invoice_id);
    if (e->change)
        return od_arena_printf(a, ":change:%d", e->change->change_id);
    if (e->unit_count || e->comment.ptr || e->patch || e->hold) /* each is news */
        return od_arena_printf(a, ":event:%d", e->seq);
    return OD_STR("");
}

/* once = "text": that is the key; once = false: as often as the hook says it. */
static struct od_str once_key(const struct plan *m)
{
    const struct od_json *once = od_json_get(m->asked, "once");
    struct od_arena *a = m->round->arena;
    if (once && once->type == OD_JSON_BOOL && !once->boolean)
        return OD_STR_NONE;
    if (once && once->type == OD_JSON_STRING)
        return od_arena_printf(a, "=%.*s", OD_STR_ARG(once->text));
    struct od_str key = od_arena_printf(a, "%.*s%s", OD_STR_ARG(m->row->name), about(m).ptr);
    if (to_customer(m))
        return key;
    return od_arena_printf(a, "%s:to=%.*s", key.ptr, OD_STR_ARG(m->row->recipient));
}

/* ---- printing */

/* The same whenever the event is shown to the same rules. */
static struct od_str message_id(const struct plan *m)
{
    struct od_arena *a = m->round->arena;
    char uuid[OD_UUID_TEXT + 1] = "", hex[OD_SHA256_HEX + 1];
    uint8_t digest[OD_SHA256];
    od_uuid_format(&m->order->uuid, uuid);
    od_sha256_of(od_arena_printf(a, "%s %d %.*s %d %.*s", uuid, m->row->seq,
                                 OD_STR_ARG(m->row->topic), m->row->intent,
                                 OD_STR_ARG(m->row->name)),
                 digest);
    od_hex(digest, sizeof digest, hex);
    return od_arena_printf(a, "%.*s", ID_HEX, hex);
}

static struct od_letter letter_of(const struct plan *m)
{
    const struct od_event *e = m->event;
    struct od_str language = text_of(m, "language");
    const struct od_json *data = od_json_get(m->asked, "data");
    struct od_letter letter = {
        .template = m->row->name,
        .language = language.ptr ? language : m->order->locale,
        .fallback = m->shop.language,
        .data = data && data->type == OD_JSON_OBJECT ? data->raw : OD_STR_NONE,
        .at_us = e->at,
        .shipment_id = e->shipment ? e->shipment->shipment_id : id_of(m, "shipmentId"),
        .refund_id = e->refund ? e->refund->refund_id : id_of(m, "refundId"),
        .return_id = e->ret ? e->ret->return_id : id_of(m, "returnId"),
    };
    od_letter_settle(&letter, m->order);
    return letter;
}

static bool kind_named(struct od_str name, enum od_print *out)
{
    for (enum od_print kind = 0; kind < OD_PRINTS; kind++) {
        *out = kind;
        if (od_str_is(name, od_print_name(kind)))
            return true;
    }
    return false;
}

static struct od_str file_name(const struct plan *m, enum od_print kind, int32_t id)
{
    const struct od_order *o = m->order;
    bool credits = kind == OD_PRINT_INVOICE && od_order_invoice(o, id)->amount < 0;
    struct od_str number = kind == OD_PRINT_INVOICE ? od_order_invoice(o, id)->invoice_number
                           : kind == OD_PRINT_CREDIT_MEMO
                               ? od_order_refund(o, id)->credit_memo_number
                               : od_order_shipment(o, id)->shipment_number;
    return od_arena_printf(m->round->arena, "%s-%.*s.html",
                           od_print_name(credits ? OD_PRINT_CREDIT_MEMO : kind),
                           OD_STR_ARG(number));
}

static int print_file(struct od_round *r, const struct od_attachment *f, const struct od_order *o,
                      struct od_json_writer *w, struct od_err *err)
{
    struct od_print_job job = {f->kind, o, f->id, &f->shop, NULL};
    struct od_buf html;
    od_buf_init(&html, PRINT_MAX);
    int rc = od_bundle_print(r->rules->bundle, &job, &html, err);
    if (rc == 0) {
        od_jw_object(w);
        od_jw_key(w, "name");
        od_jw_str(w, f->name);
        od_jw_key(w, "type");
        od_jw_cstr(w, "text/html; charset=utf-8");
        od_jw_key(w, "content");
        od_jw_str(w, od_buf_view(&html));
        od_jw_object_end(w);
    }
    od_buf_fini(&html);
    return rc;
}

/* A document shows the order as it was when it was issued: when that was earlier, its past is
 * recalled first (od_letter_attach). */
static int write_file(const struct plan *m, const struct od_letter *letter, struct od_str name,
                      struct od_json_writer *w, struct od_err *err)
{
    struct od_round *r = m->round;
    struct od_attachment f = {.row = (size_t)(m->row - r->planned), .shop = m->shop};
    if (!kind_named(name, &f.kind))
        return od_err_set(err, OD_ERR_SCRIPT, "there is no document %.*s to attach",
                          OD_STR_ARG(name));
    f.id = f.kind == OD_PRINT_PACKING_SLIP  ? letter->shipment_id
           : f.kind == OD_PRINT_CREDIT_MEMO ? letter->refund_id
                                            : od_print_last(m->order, f.kind);
    if (!f.id || !od_print_finds(m->order, f.kind, f.id, &f.version)) {
        od_warn("mail_without_document", "order=%lld seq=%d mail=%.*s document=%.*s",
                (long long)m->event->order_id, m->event->seq, OD_STR_ARG(m->row->name),
                OD_STR_ARG(name));
        return 0;
    }
    f.name = file_name(m, f.kind, f.id);
    if (!f.version || f.version == m->order->version)
        return print_file(r, &f, m->order, w, err);
    r->attachments = od_arena_grow(r->arena, r->attachments, r->attachment_count,
                                   &r->attachment_cap, sizeof *r->attachments);
    r->attachments[r->attachment_count++] = f;
    return 0;
}

static int write_files(const struct plan *m, const struct od_letter *letter,
                       struct od_json_writer *w, struct od_err *err)
{
    const struct od_json *attach = od_json_get(m->asked, "attach");
    int rc = 0;
    od_jw_key(w, "files");
    od_jw_array(w);
    for (const struct od_json *v = attach ? attach->child : NULL; v && rc == 0; v = v->next)
        rc = write_file(m, letter, v->type == OD_JSON_STRING ? v->text : OD_STR(""), w, err);
    od_jw_array_end(w);
    return rc;
}

static void text(struct od_json_writer *w, const char *key, struct od_str value)
{
    if (!value.ptr)
        return;
    od_jw_key(w, key);
    od_jw_str(w, value);
}

static int write_payload(const struct plan *m, struct od_buf *out, struct od_err *err)
{
    struct od_round *r = m->round;
    struct od_letter letter = letter_of(m);
    struct od_conf_shop_keys shop = m->shop;
    struct od_letter_texts texts;
    struct od_json_writer w;
    shop.logo = OD_STR_NONE; /* mail programs show no data: URLs */
    if (!od_mail_address_valid(m->row->recipient))
        return od_err_set(err, OD_ERR_INVALID, "the recipient is no e-mail address");
    if (od_bundle_letter(r->rules->bundle, &letter, m->order, &shop, r->arena, &texts, err))
        return -1;
    struct od_str subject = text_of(m, "subject");
    od_jw_init(&w, out);
    od_jw_object(&w);
    text(&w, "id", message_id(m));
    text(&w, "toName", to_customer(m) ? m->order->customer_full_name : OD_STR_NONE);
    text(&w, "subject", subject.ptr ? subject : texts.subject);
    text(&w, "text", texts.text);
    text(&w, "html", texts.html);
    text(&w, "language", texts.language);
    if (letter.data.ptr) {
        od_jw_key(&w, "data");
        od_jw_raw(&w, letter.data);
    }
    int rc = write_files(m, &letter, &w, err);
    od_jw_object_end(&w);
    if (rc == 0 && out->overflow)
        return od_err_set(err, OD_ERR_LIMIT, "the mail is larger than %d MiB", PAYLOAD_MAX >> 20);
    return rc;
}

static void fail(struct od_round *r, struct od_planned *row, const struct od_err *err)
{
    row->error =
        od_arena_printf(r->arena, "%s%s%s", err->origin, err->origin[0] ? ": " : "", err->message);
    row->once = OD_STR_NONE; /* it has not been told */
    r->stats->hook_errors++;
    od_error("mail_failed", "order=%lld seq=%d mail=%.*s reason=\"%.*s\"", (long long)row->order_id,
             row->seq, OD_STR_ARG(row->name), OD_STR_ARG(row->error));
}

static void print(const struct plan *m)
{
    struct od_round *r = m->round;
    struct od_buf out;
    struct od_err err = {0};
    od_buf_init(&out, PAYLOAD_MAX);
    if (write_payload(m, &out, &err) == 0)
        m->row->payload = od_arena_str(r->arena, od_buf_view(&out));
    else
        fail(r, m->row, &err);
    od_buf_fini(&out);
}

/* ---- plans */

static bool begin(struct plan *m, struct od_round *r, const struct od_event *e,
                  const struct od_order *o, struct od_planned *p)
{
    struct od_json *asked = NULL;
    struct od_err err;
    *m = (struct plan){.round = r, .event = e, .order = o, .row = p};
    if (od_json_parse(r->arena, p->payload, DEPTH, &asked, &err))
        return false; /* it was made here */
    m->asked = asked;
    m->shop = r->conf->shop(r->conf->ctx, o->store, r->arena);
    return true;
}

static void settle(struct plan *m)
{
    const struct od_target_conf *target = od_targets_find(m->round->targets, m->row->target);
    if (target && target->kind->mails)
        print(m);
}

void od_letter_plan(struct od_round *r, const struct od_event *e, const struct od_order *o,
                    struct od_planned *p)
{
    const struct od_target_conf *target = od_targets_for_mail(r->targets);
    struct plan m;
    if (!begin(&m, r, e, o, p))
        return;
    if (!p->target.ptr)
        p->target = target ? target->name : OD_STR("log");
    p->once = once_key(&m);
    settle(&m);
}

void od_letter_plan_asked(struct od_round *r, const struct od_event *e, const struct od_order *o)
{
    const struct od_target_conf *target = od_targets_for_mail(r->targets);
    struct od_planned *p = od_round_plan(r, e, OD_STR("mail.asked"));
    struct plan m;
    p->kind = OD_STR("mail");
    p->target = target ? target->name : OD_STR("log");
    p->payload = e->mail;
    if (!begin(&m, r, e, o, p))
        return;
    struct od_str to = text_of(&m, "to");
    p->recipient = to.ptr ? to : o->customer_email;
    p->name = text_of(&m, "template");
    settle(&m);
}

/* ---- documents of an earlier version */

/* Its payload ends with the list of its files. */
static int attach(struct od_round *r, const struct od_attachment *f, const struct od_order *o,
                  struct od_buf *out, struct od_err *err)
{
    struct od_planned *row = &r->planned[f->row];
    const struct od_str end = OD_STR("]}");
    struct od_str before = od_str_slice(row->payload, 0, row->payload.len - end.len);
    struct od_json_writer w;
    if (!o)
        return od_err_set(err, OD_ERR_INVALID, "the order's ledger does not have version %d",
                          f->version);
    od_buf_str(out, before);
    if (before.ptr[before.len - 1] != '[')
        od_buf_char(out, ',');
    od_jw_init(&w, out);
    if (print_file(r, f, o, &w, err))
        return -1;
    od_buf_str(out, end);
    if (out->overflow)
        return od_err_set(err, OD_ERR_LIMIT, "the mail is larger than %d MiB", PAYLOAD_MAX >> 20);
    row->payload = od_arena_str(r->arena, od_buf_view(out));
    return 0;
}

static void finish(struct od_round *r, const struct od_attachment *f)
{
    struct od_planned *row = &r->planned[f->row];
    const struct od_event issued = {.order_id = row->order_id, .seq = f->version};
    struct od_buf out;
    struct od_err err = {0};
    od_buf_init(&out, PAYLOAD_MAX);
    if (!row->error.ptr && attach(r, f, od_recall_at(&r->past, &issued), &out, &err))
        fail(r, row, &err);
    od_buf_fini(&out);
}

bool od_letter_attach(struct od_round *r)
{
    for (; r->attached < r->attachment_count; r->attached++) {
        const struct od_attachment *f = &r->attachments[r->attached];
        int64_t order_id = r->planned[f->row].order_id;
        const struct od_event behind = {.order_id = order_id, .seq = f->version + 1};
        if (!r->attaching) {
            od_recall_init(&r->past, r->arena, r->recall.kept);
            od_recall_want(&r->past, order_id);
            od_recall_note(&r->past, &behind);
            r->attaching = true;
        }
        if (od_recall_more(&r->past))
            return true;
        finish(r, f);
        od_recall_fini(&r->past);
        r->attaching = false;
    }
    return false;
}
