#include "order/commands/change/change.h"

#include "base/buf.h"
#include "base/json/json.h"
#include "order/model/codec.h"
#include "order/model/fields.h"

/* The terms of a change as JSON, and back. */

/* More than any request's body may hold, which the terms follow from. */
#define TEXT_MAX (16u << 20)
/* The depth of items with their options, and of the terms around them. */
#define DEPTH_MAX 128

static const char *const address_keys[2] = {"shipping_address", "billing_address"};

static uint64_t input_fields(enum od_entity_kind kind)
{
    const struct od_entity *e = &od_entities[kind];
    uint64_t mask = 0;

    for (uint32_t i = 0; i < e->field_count; i++)
        mask |= (uint64_t)((e->fields[i].flags & OD_FIELD_INPUT) != 0) << i;
    return mask;
}

static void write_entity(struct od_json_writer *w, enum od_entity_kind kind, const void *entity)
{
    od_jw_object(w);
    od_entity_write(w, &od_entities[kind], entity, OD_JSON_LEDGER, 0, input_fields(kind));
    od_jw_object_end(w);
}

static void write_amount(struct od_json_writer *w, const char *key, int64_t amount)
{
    if (amount == OD_AMOUNT_UNSET)
        return;
    od_jw_key(w, key);
    od_jw_i64(w, amount);
}

static void write_line(struct od_json_writer *w, const struct od_change_line_terms *l)
{
    od_jw_object(w);
    od_jw_key(w, "order_item_id");
    od_jw_i64(w, l->order_item_id);
    od_jw_key(w, "qty");
    od_jw_i64(w, l->qty);
    write_amount(w, "tax_amount", l->tax_amount);
    write_amount(w, "discount_amount", l->discount_amount);
    od_jw_object_end(w);
}

static void write_addresses(struct od_json_writer *w, const struct od_change_terms *t)
{
    for (int i = 0; i < 2; i++) {
        if (!t->has_address[i])
            continue;
        od_jw_key(w, address_keys[i]);
        if (t->addresses[i].present)
            write_entity(w, OD_ENTITY_ADDRESS, &t->addresses[i]);
        else
            od_jw_null(w);
    }
}

struct od_str od_change_encode(const struct od_change_terms *t, struct od_arena *a)
{
    struct od_buf text;
    struct od_json_writer w;

    od_buf_init(&text, TEXT_MAX);
    od_jw_init(&w, &text);
    od_jw_object(&w);
    od_jw_key(&w, "lines");
    od_jw_array(&w);
    for (uint32_t i = 0; i < t->line_count; i++)
        write_line(&w, &t->lines[i]);
    od_jw_array_end(&w);
    od_jw_key(&w, "add");
    od_jw_array(&w);
    for (uint32_t i = 0; i < t->add_count; i++)
        write_entity(&w, OD_ENTITY_ITEM, &t->add[i]);
    od_jw_array_end(&w);
    write_addresses(&w, t);
    write_amount(&w, "shipping_fee_excl_tax", t->shipping_fee_excl_tax);
    write_amount(&w, "shipping_fee_incl_tax", t->shipping_fee_incl_tax);
    write_amount(&w, "discount_amount", t->discount_amount);
    write_amount(&w, "tax_amount", t->tax_amount);
    od_jw_object_end(&w);

    struct od_str kept = text.overflow ? OD_STR_NONE : od_arena_str(a, od_buf_view(&text));
    od_buf_fini(&text);
    return kept;
}

static int read_amount(const struct od_json *o, const char *key, int64_t *out, struct od_err *err)
{
    const struct od_json *v = od_json_get(o, key);

    *out = OD_AMOUNT_UNSET;
    if (v && !od_json_i64(v, 0, INT64_MAX, out))
        return od_err_set(err, OD_ERR_INVALID, "%s is not an amount", key);
    return 0;
}

static int read_line(const struct od_json *o, struct od_change_line_terms *l, struct od_err *err)
{
    const struct od_json *id = od_json_get(o, "order_item_id"), *qty = od_json_get(o, "qty");
    int64_t id_value, qty_value;

    if (!id || !od_json_i64(id, 1, INT32_MAX, &id_value) || !qty ||
        !od_json_i64(qty, 0, INT32_MAX, &qty_value))
        return od_err_set(err, OD_ERR_INVALID, "a line has no number or quantity");
    l->order_item_id = (int32_t)id_value;
    l->qty = (int32_t)qty_value;
    if (read_amount(o, "tax_amount", &l->tax_amount, err) < 0)
        return -1;
    return read_amount(o, "discount_amount", &l->discount_amount, err);
}

/* NULL, and err set, when there is no list under the key. */
static const struct od_json *find_list(const struct od_json *o, const char *key, struct od_err *err)
{
    const struct od_json *list = od_json_get(o, key);

    if (list && list->type == OD_JSON_ARRAY)
        return list;
    od_err_set(err, OD_ERR_INVALID, "%s is not a list", key);
    return NULL;
}

static int read_lists(const struct od_json *o, struct od_arena *a, struct od_change_terms *t,
                      struct od_err *err)
{
    const struct od_json *lines = find_list(o, "lines", err);
    const struct od_json *add = lines ? find_list(o, "add", err) : NULL;

    if (!add)
        return -1;
    t->lines = OD_NEW_ARRAY(a, struct od_change_line_terms, lines->count);
    for (const struct od_json *v = lines->child; v; v = v->next) {
        if (read_line(v, &t->lines[t->line_count++], err) < 0)
            return -1;
    }
    t->add = OD_NEW_ARRAY(a, struct od_item, add->count);
    for (const struct od_json *v = add->child; v; v = v->next) {
        if (od_entity_read(&od_entities[OD_ENTITY_ITEM], v, &t->add[t->add_count++], a, err) < 0)
            return -1;
    }
    return 0;
}

static int read_addresses(const struct od_json *o, struct od_arena *a, struct od_change_terms *t,
                          struct od_err *err)
{
    static const struct od_str kinds[2] = {OD_STR_INIT("shipping"), OD_STR_INIT("billing")};

    for (int i = 0; i < 2; i++) {
        const struct od_json *v = od_json_get(o, address_keys[i]);
        struct od_address *to = &t->addresses[i];
        t->has_address[i] = v != NULL;
        to->kind = kinds[i];
        if (!v || v->type == OD_JSON_NULL)
            continue;
        to->present = true;
        if (od_entity_read(&od_entities[OD_ENTITY_ADDRESS], v, to, a, err) < 0)
            return -1;
    }
    return 0;
}

int od_change_decode(struct od_str text, struct od_arena *a, struct od_change_terms *out,
                     struct od_err *err)
{
    struct od_json *o;

    *out = (struct od_change_terms){0};
    if (od_json_parse(a, text, DEPTH_MAX, &o, err) < 0 || read_lists(o, a, out, err) < 0 ||
        read_addresses(o, a, out, err) < 0 ||
        read_amount(o, "shipping_fee_excl_tax", &out->shipping_fee_excl_tax, err) < 0 ||
        read_amount(o, "shipping_fee_incl_tax", &out->shipping_fee_incl_tax, err) < 0 ||
        read_amount(o, "discount_amount", &out->discount_amount, err) < 0 ||
        read_amount(o, "tax_amount", &out->tax_amount, err) < 0)
        return od_err_wrap(err, "the stored change");
    return 0;
}
