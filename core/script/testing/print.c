#include "conf/conf.h"
#include "script/bundle/bundle.h"
#include "script/bundle/loaded.h"
#include "script/template/printing.h"
#include "script/template/template.h"
#include "script/testing/test.h"
#include "script/value/scalar.h"

/* t:print: a document of one of the test's orders, as the order is now, under a letterhead that is
 * the same in every shop. */

static const struct od_conf_shop_keys letterhead = {
    .name = OD_STR_INIT("The Shop"),
    .address = OD_STR_INIT("1 Main Street\nSpringfield"),
    .email = OD_STR_INIT("shop@example.org"),
    .tax_id = OD_STR_INIT("TAX-1"),
    .bank = OD_STR_INIT("IBAN 1"),
};

/* The template of the plugin under test, else the default one; see od_test_provider. */
static const struct od_registration *template_of(const struct od_test *t)
{
    const struct od_registrations *all = &t->bundle->offers[OD_OFFER_TEMPLATE];
    const struct od_registration *found = NULL;

    for (uint32_t i = 0; i < all->count; i++) {
        const struct od_registration *r = all->all[i];
        if (!od_str_is(r->offer.name, od_print_name(t->print)))
            continue;
        if (r->plugin == t->task.plugin)
            return r;
        if (!found || od_str_is(r->offer.plugin, "default"))
            found = r;
    }
    return found;
}

static void print(struct od_test *t)
{
    struct od_print_job job = {t->print, t->subject->order, t->print_id, &letterhead};
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
