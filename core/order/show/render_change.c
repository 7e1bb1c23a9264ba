#include "order/show/render.h"

#include "order/commands/change/change.h"
#include "order/model/codec.h"
#include "order/show/sight.h"

/* A change as the API shows it: what it asks for in the form of the proposal's body, with the
 * amounts that were settled, and what the order comes to before and after it. */

/* grand_total right before a change took effect, or would: only changes move it. */
static int64_t total_before(const struct od_order *o, const struct od_change *c)
{
    int64_t total = o->grand_total;

    for (uint32_t i = 0; i < o->change_count; i++) {
        const struct od_change *other = &o->changes[i];
        if (od_str_is(other->status, "confirmed") && other->change_id >= c->change_id)
            total -= other->difference;
    }
    return total;
}

static void write_amount(struct od_json_writer *w, const char *key, int64_t amount, int digits)
{
    od_jw_key(w, key);
    if (amount == OD_AMOUNT_UNSET)
        od_jw_null(w);
    else
        od_jw_decimal(w, amount, digits);
}

static void write_lines(struct od_json_writer *w, const struct od_change_terms *t, int digits)
{
    od_jw_key(w, "items");
    od_jw_array(w);
    for (uint32_t i = 0; i < t->line_count; i++) {
        od_jw_object(w);
        od_jw_key(w, "orderItemId");
        od_jw_i64(w, t->lines[i].order_item_id);
        od_jw_key(w, "qty");
        od_jw_i64(w, t->lines[i].qty);
        write_amount(w, "taxAmount", t->lines[i].tax_amount, digits);
        write_amount(w, "discountAmount", t->lines[i].discount_amount, digits);
        od_jw_object_end(w);
    }
    od_jw_array_end(w);
}

/* New lines have no number yet, and nothing has happened to them. */
static void write_added(struct od_json_writer *w, const struct od_change_terms *t, int digits)
{
    const struct od_entity *e = &od_entities[OD_ENTITY_ITEM];
    uint64_t given = 0;

    for (uint32_t i = 0; i < e->field_count; i++)
        given |= (uint64_t)((e->fields[i].flags & OD_FIELD_INPUT) != 0) << i;
    od_jw_key(w, "add");
    od_jw_array(w);
    for (uint32_t i = 0; i < t->add_count; i++) {
        od_jw_object(w);
        od_entity_write(w, e, &t->add[i], OD_JSON_API, digits, given);
        od_jw_object_end(w);
    }
    od_jw_array_end(w);
}

/* An address that stays as it is has no member; one that is removed is null. */
static void write_addresses(struct od_json_writer *w, const struct od_order *o,
                            const struct od_change_terms *t)
{
    static const char *const keys[2] = {"shippingAddress", "billingAddress"};

    for (int i = 0; i < 2; i++) {
        if (!t->has_address[i])
            continue;
        od_jw_key(w, keys[i]);
        if (t->addresses[i].present)
            od_part_write(w, o, OD_ENTITY_ADDRESS, &t->addresses[i], NULL);
        else
            od_jw_null(w);
    }
}

/* null when they cannot be read: what is damaged is for `orderd verify` to say. */
static void write_terms(struct od_json_writer *w, const struct od_order *o, struct od_str request,
                        int digits)
{
    struct od_change_terms t;
    struct od_arena arena;
    struct od_err err;

    od_arena_init(&arena);
    od_jw_key(w, "terms");
    if (od_change_decode(request, &arena, &t, &err) != 0) {
        od_jw_null(w);
    } else {
        od_jw_object(w);
        write_lines(w, &t, digits);
        write_added(w, &t, digits);
        write_addresses(w, o, &t);
        write_amount(w, "shippingFeeExclTax", t.shipping_fee_excl_tax, digits);
        write_amount(w, "shippingFeeInclTax", t.shipping_fee_incl_tax, digits);
        write_amount(w, "discountAmount", t.discount_amount, digits);
        write_amount(w, "taxAmount", t.tax_amount, digits);
        od_jw_object_end(w);
    }
    od_arena_fini(&arena);
}

static void write_total(struct od_json_writer *w, const char *key, int64_t total, int digits)
{
    od_jw_key(w, key);
    od_jw_object(w);
    od_jw_key(w, "grandTotal");
    od_jw_decimal(w, total, digits);
    od_jw_object_end(w);
}

/* Terms have lines with their prices, and addresses. */
static const unsigned terms_classes = OD_CLASS_BIT(OD_CLASS_PERSONAL) |
                                      OD_CLASS_BIT(OD_CLASS_MONEY) |
                                      OD_CLASS_BIT(OD_CLASS_INTERNAL);

static void hide_terms(struct od_json_writer *w)
{
    static const char *const members[] = {"terms", "before", "after"};

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        od_jw_key(w, members[i]);
        od_jw_null(w);
    }
}

void od_change_write_terms(struct od_json_writer *w, const struct od_order *o, const void *change,
                           struct od_sight *sight)
{
    const struct od_change *c = change;
    int digits = od_order_digits(o);
    int64_t before = total_before(o, c);

    if (!od_sight_shows(sight, OD_SIGHT_TERMS, terms_classes)) {
        hide_terms(w);
        return;
    }
    write_terms(w, o, c->request, digits);
    write_total(w, "before", before, digits);
    write_total(w, "after", before + c->difference, digits);
}
