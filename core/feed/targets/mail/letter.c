#include "feed/targets/mail/letter.h"

#include "base/json/json.h"
#include "mail/message.h"

enum { DEPTH = 64 };

static struct od_str text_of(const struct od_json *o, const char *key)
{
    const struct od_json *v = od_json_get(o, key);
    return v && v->type == OD_JSON_STRING ? v->text : OD_STR_NONE;
}

static struct od_str domain_of(struct od_str address)
{
    const char *at = memrchr(address.ptr, '@', address.len);
    return od_str_slice(address, (size_t)(at - address.ptr) + 1, address.len);
}

/* What feed/letter.c printed. */
static int read_printed(const struct od_delivery *d, const struct od_json *payload,
                        struct od_mail *m, struct od_str *local, struct od_arena *a,
                        struct od_err *err)
{
    const struct od_json *files = od_json_get(payload, "files");
    *local = text_of(payload, "id");
    m->to = (struct od_mailbox){text_of(payload, "toName"), d->recipient};
    m->subject = text_of(payload, "subject");
    m->text = text_of(payload, "text");
    m->html = text_of(payload, "html");
    m->language = text_of(payload, "language");
    if (!local->len || !m->text.ptr)
        return od_err_set(err, OD_ERR_INVALID,
                          "this mail was never printed; POST /api/orders/:id/mails prints it");
    struct od_mail_file *list = OD_NEW_ARRAY(a, struct od_mail_file, files ? files->count : 0);
    for (const struct od_json *f = files ? files->child : NULL; f; f = f->next)
        list[m->file_count++] =
            (struct od_mail_file){text_of(f, "name"), text_of(f, "type"), text_of(f, "content")};
    m->files = list;
    return 0;
}

/* What the operator is told: oms.notify, a test, or orderd itself. */
static void read_notice(const struct od_delivery *d, const struct od_json *payload,
                        const struct od_letter_from *from, struct od_mail *m, struct od_str *local,
                        struct od_arena *a)
{
    const struct od_json *data = od_json_get(payload, "data");
    struct od_str subject = text_of(payload, "subject"), said = text_of(payload, "text");
    *local =
        od_arena_printf(a, "notice-%lld-%lld", (long long)d->delivery_id, (long long)d->created_at);
    m->to = from->owner.address.len ? from->owner : from->from;
    m->subject = subject.ptr   ? subject
                 : d->order_id ? od_arena_printf(a, "orderd: %.*s, order %lld",
                                                 OD_STR_ARG(d->topic), (long long)d->order_id)
                               : od_arena_printf(a, "orderd: %.*s", OD_STR_ARG(d->topic));
    m->text = od_arena_printf(
        a, "%.*s\n%s%.*s%s", OD_STR_ARG(said.ptr ? said : OD_STR("This is a test of orderd's.")),
        data ? "\n" : "", OD_STR_ARG(data ? data->raw : OD_STR("")), data ? "\n" : "");
}

static int write_message(const struct od_mail *m, size_t max, struct od_arena *a,
                         struct od_str *out, struct od_err *err)
{
    struct od_buf buf;
    od_buf_init(&buf, max);
    od_mail_write(m, &buf);
    bool fits = !buf.overflow;
    if (fits)
        *out = od_arena_str(a, od_buf_view(&buf));
    od_buf_fini(&buf);
    return fits ? 0
                : od_err_set(err, OD_ERR_LIMIT, "the mail is larger than max_size, %zu bytes", max);
}

int od_letter_read(const struct od_delivery *d, const struct od_letter_from *from, size_t max,
                   struct od_arena *a, struct od_envelope *out, struct od_err *err)
{
    struct od_mail m = {.from = from->from, .reply_to = from->reply_to, .date_us = d->created_at};
    struct od_json *payload;
    struct od_str local;
    bool printed = od_str_is(d->intent, "mail");
    if (od_json_parse(a, d->payload, DEPTH, &payload, err))
        return -1;
    if (!printed && !od_str_is(d->intent, "notify") && !od_str_is(d->intent, "test"))
        return od_err_set(err, OD_ERR_INVALID, "a target of this kind sends mails and notices");
    if (printed && read_printed(d, payload, &m, &local, a, err))
        return -1;
    if (!printed)
        read_notice(d, payload, from, &m, &local, a);
    if (!od_mail_address_valid(m.to.address))
        return od_err_set(err, OD_ERR_INVALID, "the recipient is no e-mail address");
    m.id = od_arena_printf(a, "%.*s@%.*s", OD_STR_ARG(local),
                           OD_STR_ARG(domain_of(from->from.address)));
    *out = (struct od_envelope){
        .from = od_arena_str(a, from->from.address),
        .to = od_arena_str(a, m.to.address),
        .copy = printed && from->bcc.address.len ? od_arena_str(a, from->bcc.address) : OD_STR_NONE,
    };
    return write_message(&m, max, a, &out->message, err);
}
