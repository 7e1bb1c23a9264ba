#include "conf/conf.h"
#include "script/bundle/bundle.h"
#include "script/bundle/loaded.h"
#include "script/template/printing.h"
#include "script/template/template.h"
#include "script/testing/test.h"
#include "script/value/record.h"
#include "script/value/scalar.h"

/* t:print and t:mail: a document or a mail of one of the test's orders, as the order is now, under
 * a letterhead that is the same in every shop. */

static const struct od_conf_shop_keys letterhead = {
    .name = OD_STR_INIT("The Shop"),
    .address = OD_STR_INIT("1 Main Street\nSpringfield"),
    .email = OD_STR_INIT("shop@example.org"),
    .tax_id = OD_STR_INIT("TAX-1"),
    .bank = OD_STR_INIT("IBAN 1"),
};

/* The template of the plugin under test, else the default one; see od_test_provider. */
static const struct od_registration *find(const void *ctx, struct od_str name)
{
    const struct od_test *t = ctx;
    const struct od_registrations *all = &t->bundle->offers[OD_OFFER_TEMPLATE];
    const struct od_registration *found = NULL;

    for (uint32_t i = 0; i < all->count; i++) {
        const struct od_registration *r = all->all[i];
        if (!od_str_eq(r->offer.name, name))
            continue;
        if (r->plugin == t->task.plugin)
            return r;
        if (!found || od_str_is(r->offer.plugin, "default"))
            found = r;
    }
    return found;
}

static const struct od_registration *template_of(const struct od_test *t)
{
    return find(t, od_str_of(od_print_name(t->print)));
}

static void print(struct od_test *t)
{
    struct od_print_job job = {t->print, t->subject->order, t->print_id, &letterhead, NULL};
    struct od_buf out;

    od_buf_init(&out, 2 * OD_TEMPLATE_OUTPUT_MAX);
    t->failed = od_print_template(template_of(t), &job, &out, &t->err) != 0;
    t->printed = od_arena_str(&t->arena, od_buf_view(&out));
    od_buf_fini(&out);
}

static int l_printed(lua_State *L, int status, lua_KContext ctx)
{
    const struct od_test *t = l_test_of(L);

    (void)status;
    (void)ctx;
    if (t->failed)
        return luaL_error(L, "t:print failed at %s: %s", t->err.origin, t->err.message);
    l_push_str(L, t->printed);
    return 1;
}

/* [-0, +0, v] */
static enum od_print l_check_kind(lua_State *L, struct od_test *t, int idx)
{
    struct od_str name = l_test_text(L, t, idx);
    int kind = 0;

    while (kind < OD_PRINTS && !od_str_is(name, od_print_name((enum od_print)kind)))
        kind++;
    if (kind == OD_PRINTS)
        luaL_error(L, "t:print: '%s' is not invoice, packing_slip or credit_memo", name.ptr);
    return (enum od_print)kind;
}

/* t:print(document, order, id?): its HTML. id: of the invoice, shipment or refund; absent: the last
 */
int l_test_print(lua_State *L)
{
    struct od_test *t = l_test_of(L);
    lua_Integer id;
    int32_t version;

    t->print = l_check_kind(L, t, 2);
    t->subject = l_check_test_order(L, 3);
    id = luaL_optinteger(L, 4, od_print_last(t->subject->order, t->print));
    t->print_id = id > 0 && id <= INT32_MAX ? (int32_t)id : 0;
    if (!od_print_finds(t->subject->order, t->print, t->print_id, &version))
        return luaL_error(L, "t:print: the order has no such %s", od_print_name(t->print));
    if (!template_of(t))
        return luaL_error(L, "t:print: there is no templates/%s.html", od_print_name(t->print));
    return l_test_wait(L, t, print, l_printed);
}

static void print_letter(struct od_test *t)
{
    const struct od_order *o = t->subject->order;

    od_letter_settle(&t->letter, o);
    t->failed =
        od_letter_print(find, t, &t->letter, o, &letterhead, &t->arena, &t->texts, &t->err) != 0;
}

static int l_mailed(lua_State *L, int status, lua_KContext ctx)
{
    static const char *const names[] = {"subject", "text", "html", "language", NULL};
    static const struct l_shape shape = {.noun = "mail", .names = names};
    const struct od_test *t = l_test_of(L);

    (void)status;
    (void)ctx;
    if (t->failed)
        return luaL_error(L, "t:mail failed at %s: %s", t->err.origin, t->err.message);
    lua_createtable(L, 0, 4);
    l_as_record(L, &shape);
    l_set_text(L, "subject", t->texts.subject);
    l_set_text(L, "text", t->texts.text);
    l_set_text(L, "html", t->texts.html);
    l_set_text(L, "language", t->texts.language);
    return 1;
}

static int32_t part_id(const struct od_json *options, const char *key)
{
    const struct od_json *v = options ? od_json_get(options, key) : NULL;
    int64_t id = 0;

    return v && od_json_i64(v, 1, INT32_MAX, &id) ? (int32_t)id : 0;
}

/* t:mail(template, order, {language =, data =, shipment_id =, refund_id =, return_id =}?) */
int l_test_mail(lua_State *L)
{
    struct od_test *t = l_test_of(L);
    const struct od_json *options = NULL, *language, *data;

    t->letter = (struct od_letter){.template = l_test_text(L, t, 2), .at_us = t->task.now};
    t->subject = l_check_test_order(L, 3);
    if (!lua_isnoneornil(L, 4))
        options = l_test_json(L, t, 4);
    language = options ? od_json_get(options, "language") : NULL;
    data = options ? od_json_get(options, "data") : NULL;
    if (language && language->type == OD_JSON_STRING)
        t->letter.language = language->text;
    if (data && data->type == OD_JSON_OBJECT)
        t->letter.data = data->raw;
    t->letter.shipment_id = part_id(options, "shipment_id");
    t->letter.refund_id = part_id(options, "refund_id");
    t->letter.return_id = part_id(options, "return_id");
    return l_test_wait(L, t, print_letter, l_mailed);
}
