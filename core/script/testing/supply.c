#include "order/model/shop.h"
#include "script/bundle/loaded.h"
#include "script/testing/test.h"

/* t:stock and t:store: the shop of a test. */

/* t:stock(sku, on_hand, {location =, backorder =}?) */
int l_test_stock(lua_State *L)
{
    struct od_test *t = l_test_of(L);
    struct od_str sku = l_test_text(L, t, 2);
    lua_Integer on_hand = luaL_checkinteger(L, 3);
    const struct od_json *options = l_test_json(L, t, 4);
    const struct od_json *location = od_json_get(options, "location");
    const struct od_json *backorder = od_json_get(options, "backorder");
    struct od_stock *stock = od_test_stock(t, sku);

    while (location && stock && !od_str_eq(stock->location, location->text))
        stock = stock->next;
    if (!stock)
        return luaL_error(L, "t:stock: there is no such location");
    stock->backorder = backorder && backorder->type == OD_JSON_BOOL && backorder->boolean;
    if (on_hand < stock->reserved)
        return luaL_error(L, "t:stock: %I units are reserved", (LUAI_UACINT)stock->reserved);
    stock->exists = true;
    stock->on_hand = on_hand;
    return 0;
}

/* t:store{name =, title =, currency =, series =, prefix =}: one more, for this test; instead of the
 * shop's own of that name. */
int l_test_store(lua_State *L)
{
    struct od_test *t = l_test_of(L);
    const struct od_json *fields = l_test_json(L, t, 2);
    const struct od_shop *before = t->bundle->shop;
    uint32_t count = before ? before->store_count : 0;
    struct od_shop *shop = OD_NEW(&t->arena, struct od_shop);
    struct od_store *store;

    *shop = before ? *before : (struct od_shop){0};
    shop->stores = OD_NEW_ARRAY(&t->arena, struct od_store, count + 1);
    for (uint32_t i = 0; i < count; i++)
        shop->stores[i + 1] = before->stores[i];
    store = &shop->stores[0]; /* found first */
    shop->store_count = count + 1;
    for (const struct od_json *m = fields ? fields->child : NULL; m; m = m->next) {
        struct od_str *to = od_str_is(m->key, "name")       ? &store->name
                            : od_str_is(m->key, "title")    ? &store->title
                            : od_str_is(m->key, "currency") ? &store->currency
                            : od_str_is(m->key, "series")   ? &store->series
                            : od_str_is(m->key, "prefix")   ? &store->prefix
                                                            : NULL;
        if (!to || m->type != OD_JSON_STRING)
            return luaL_error(L, "t:store: name, title, currency, series and prefix are texts");
        *to = m->text;
    }
    if (!store->name.ptr)
        return luaL_error(L, "t:store: name is required");
    t->bundle->shop = shop; /* until the test ends */
    return 0;
}
