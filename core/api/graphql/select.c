#include "api/graphql/ask.h"
#include "order/model/parts.h"
#include "store/load/load.h"

/* What a plan makes it necessary to read. */

bool od_ask_selects(const struct od_gql_plan *plan, const char *part, const char *below)
{
    for (const struct od_gql_plan_field *f = plan->fields; f; f = f->next) {
        if (od_str_is(f->field->name, part) && (!below || od_gql_plan_named(f->below, below)))
            return true;
    }
    return false;
}

uint32_t od_ask_left_out(const struct od_gql_plan *order)
{
    static const char *const derived[] = {"amountRefundable", "amountOverpaid",
                                          "amountOutstanding"};
    uint32_t out = 0;

    if (!od_ask_selects(order, "activities", NULL))
        out |= 1U << OD_ENTITY_ORDER;
    OD_EACH_LIST_OF_ORDER (p) {
        bool wanted = p->slots ? od_ask_selects(order, "shippingAddress", NULL) ||
                                     od_ask_selects(order, "billingAddress", NULL)
                               : od_ask_selects(order, p->name, NULL);
        if (!wanted)
            out |= 1U << p->kind;
        OD_EACH_LIST_OF_PART (items, p) {
            if (!od_ask_selects(order, p->name, items->name))
                out |= 1U << items->kind;
        }
    }
    if (od_ask_selects(order, "changes", NULL))
        out &= ~(1U << OD_ENTITY_ITEM);
    for (size_t i = 0; i < sizeof derived / sizeof *derived; i++) {
        if (od_ask_selects(order, derived[i], NULL))
            out &= ~(1U << OD_ENTITY_REFUND | 1U << OD_ENTITY_REFUND_ITEM |
                     1U << OD_ENTITY_PAYMENT | 1U << OD_ENTITY_ITEM);
    }
    return out;
}
