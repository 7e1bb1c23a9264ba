#include "feed/body.h"

#include "base/buf.h"
#include "base/json/json.h"
#include "order/show/render.h"

enum { BODY_MAX = 16 << 20, DEPTH = 64 };

static bool listed(const struct od_target_conf *t, struct od_str name)
{
    struct od_str rest = t->fields, word;
    while (od_target_next_word(&rest, &word)) {
        if (od_str_eq(word, name))
            return true;
    }
    return false;
}

/* The members of the order's JSON that are wanted. */
static void write_some(struct od_json_writer *w, const struct od_target_conf *t,
                       struct od_str order, struct od_arena *a)
{
    struct od_json *all;
    struct od_err err;
    od_jw_object(w);
    if (od_json_parse(a, order, DEPTH, &all, &err) == 0) {
        for (const struct od_json *m = all->child; m; m = m->next) {
            if (!listed(t, m->key))
                continue;
            od_jw_key_str(w, m->key);
            od_jw_raw(w, m->raw);
        }
    }
    od_jw_object_end(w);
}

static void write_order(struct od_json_writer *w, const struct od_target_conf *t,
                        const struct od_rules *rules, const struct od_order *o, struct od_arena *a)
{
    struct od_buf text;
    struct od_json_writer inner;
    if (!t->fields.len) {
        od_order_write(w, o, &rules->statuses, rules->shop, OD_STR_NONE);
        return;
    }
    od_buf_init(&text, BODY_MAX);
    od_jw_init(&inner, &text);
    od_order_write(&inner, o, &rules->statuses, rules->shop, OD_STR_NONE);
    write_some(w, t, od_arena_str(a, od_buf_view(&text)), a);
    od_buf_fini(&text);
}

struct od_str od_target_body(const struct od_target_conf *t, const struct od_rules *rules,
                             const struct od_event *e, const struct od_order *o, struct od_arena *a)
{
    struct od_buf out;
    struct od_json_writer w;
    char uuid[OD_UUID_TEXT + 1];
    od_uuid_format(&o->uuid, uuid);
    od_buf_init(&out, BODY_MAX);
    od_jw_init(&w, &out);
    od_jw_object(&w);
    od_jw_key(&w, "orderId");
    od_jw_i64(&w, o->order_id);
    od_jw_key(&w, "uuid");
    od_jw_cstr(&w, uuid);
    od_jw_key(&w, "orderNumber");
    od_jw_str(&w, o->order_number);
    od_jw_key(&w, "version");
    od_jw_i64(&w, e->seq);
    od_statuses_write(&w, o, &rules->statuses, rules->shop);
    od_jw_key(&w, "event");
    od_event_write(&w, e, OD_STR_NONE, od_order_digits(o));
    if (t->body == OD_TARGET_FULL) {
        od_jw_key(&w, "order");
        write_order(&w, t, rules, o, a);
    }
    od_jw_object_end(&w);
    struct od_str body =
        out.overflow ? OD_STR("{\"tooLarge\":true}") : od_arena_str(a, od_buf_view(&out));
    od_buf_fini(&out);
    return body;
}
