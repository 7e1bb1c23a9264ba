#include "order/machine/step.h"
#include "order/model/shop.h"

/* Checks an order's store, currency and metadata by the configuration of the shop. */

static struct od_str joined(struct od_arena *a, const struct od_str *names, uint32_t count)
{
    struct od_str all = OD_STR("");
    for (uint32_t i = 0; i < count; i++)
        all =
            od_arena_printf(a, "%.*s%s%.*s", OD_STR_ARG(all), i ? ", " : "", OD_STR_ARG(names[i]));
    return all;
}

static int refuse_store(struct od_step *step, struct od_str name)
{
    const struct od_shop *t = step->env->shop;
    struct od_str *names = OD_NEW_ARRAY(step->env->arena, struct od_str, t->store_count);
    for (uint32_t i = 0; i < t->store_count; i++)
        names[i] = t->stores[i].name;
    struct od_str all = joined(step->env->arena, names, t->store_count);
    return od_step_invalid(step, "unknown_store", "/store",
                           "There is no store \"%.*s\"; there are: %.*s", OD_STR_ARG(name),
                           OD_STR_ARG(all));
}

static bool sells_in(const struct od_store *store, struct od_str currency)
{
    for (uint32_t i = 0; i < store->currency_count; i++) {
        if (od_str_eq(store->currencies[i], currency))
            return true;
    }
    return store->currency_count == 0;
}

int od_step_check_store(struct od_step *step, const struct od_order *draft)
{
    const struct od_shop *t = step->env->shop;
    const struct od_store *store = od_shop_store(t, draft->store);
    if (!t || !t->store_count || !draft->store.ptr)
        return 0;
    if (!store && !step->c->historical)
        return refuse_store(step, draft->store);
    if (!store) {
        od_step_overrule(step, "store: %.*s is not configured", OD_STR_ARG(draft->store));
        return 0;
    }
    if (sells_in(store, draft->currency))
        return 0;
    struct od_str all = joined(step->env->arena, store->currencies, store->currency_count);
    if (step->c->historical) {
        od_step_overrule(step, "currency: %.*s sells in %.*s", OD_STR_ARG(store->name),
                         OD_STR_ARG(all));
        return 0;
    }
    return od_step_invalid(step, "currency_not_sold", "/currency",
                           "Store \"%.*s\" does not sell in %.*s, but in: %.*s",
                           OD_STR_ARG(store->name), OD_STR_ARG(draft->currency), OD_STR_ARG(all));
}

int od_step_check_metadata(struct od_step *step, struct od_str metadata, bool placing)
{
    struct od_problem_list problems = {.arena = step->env->arena};
    od_shop_check_metadata(step->env->shop, metadata, placing, "/metadata", &problems);
    if (!problems.count)
        return 0;
    const struct od_problem_item *first = &problems.items[0];
    if (step->c->historical) {
        od_step_overrule(step, "%.*s %.*s", OD_STR_ARG(first->pointer), OD_STR_ARG(first->detail));
        return 0;
    }
    return od_step_invalid(step, "bad_metadata", first->pointer.ptr, "%.*s %.*s",
                           OD_STR_ARG(first->pointer), OD_STR_ARG(first->detail));
}
