#include "fixture.h"

#include "../order/whole.h"
#include "base/json/json.h"
#include "script/value/order_json.h"

/* Scripts see every field of every part, in the views of policies and in the tables of tasks. */

static void see(struct host *h, struct od_buf *rule, const char *of, const struct od_part_kind *p)
{
    const struct od_entity *e = &od_entities[p->kind];

    for (uint32_t i = 0; i < e->field_count; i++)
        od_buf_printf(rule, "need(%s.%s, '%s.%s')\n", of, e->fields[i].name, of, e->fields[i].name);
    OD_EACH_LIST_OF_PART (items, p) {
        const char *list = od_arena_printf(&h->arena, "%s.%s", of, items->name).ptr;
        od_buf_printf(rule, "need(#%s == %d, '#%s')\n", list, WHOLE_PARTS, list);
        see(h, rule, od_arena_printf(&h->arena, "%s[%d]", list, WHOLE_PARTS).ptr, items);
    }
}

/* A rule that raises where a view lacks something. */
static const char *rule_that_sees(struct host *h, const struct od_part_kind *p)
{
    struct od_buf rule;
    const char *text;

    od_buf_init(&rule, 1 << 16);
    od_buf_printf(&rule, "local function need(v, what) if not v then error(what) end end\n");
    if (p->slots) {
        see(h, &rule, "order.shipping_address", p);
        see(h, &rule, "order.billing_address", p);
    } else {
        const char *list = od_arena_printf(&h->arena, "order.%s", p->name).ptr;
        od_buf_printf(&rule,
                      "local named for k in pairs(order) do named = named or k == '%s' end "
                      "need(named, '%s in pairs(order)')\n",
                      p->name, p->name);
        od_buf_printf(&rule, "need(#%s == %d, '#%s')\n", list, WHOLE_PARTS, list);
        see(h, &rule, od_arena_printf(&h->arena, "%s[%d]", list, WHOLE_PARTS).ptr, p);
    }
    od_buf_printf(&rule, "return 'seen'");
    text = od_arena_str(&h->arena, od_buf_view(&rule)).ptr;
    od_buf_fini(&rule);
    return text;
}

HOST_TEST(rules_see_every_field_of_every_part)
{
    h->order = *whole_order(&h->arena);
    OD_EACH_LIST_OF_ORDER (p)
        assert_answers(h, rule_that_sees(h, p), "seen");
}

static void check(const struct od_part_kind *p, const struct od_json *part)
{
    const struct od_entity *e = &od_entities[p->kind];

    assert_non_null(part);
    for (uint32_t i = 0; i < e->field_count; i++) {
        if (!od_json_get(part, e->fields[i].name))
            fail_msg("a %s is without %s", e->noun, e->fields[i].name);
    }
    OD_EACH_LIST_OF_PART (items, p) {
        const struct od_json *list = od_json_get(part, items->name);
        assert_true(list && list->count == WHOLE_PARTS);
        check(items, list->child);
    }
}

HOST_TEST(tasks_get_every_field_of_every_part)
{
    struct od_buf text;
    struct od_json *order;

    od_buf_init(&text, 1 << 20);
    od_order_script_json(whole_order(&h->arena), &text);
    assert_int_equal(
        od_json_parse(&h->arena, od_arena_str(&h->arena, od_buf_view(&text)), 16, &order, &h->err),
        0);
    od_buf_fini(&text);
    OD_EACH_LIST_OF_ORDER (p) {
        const struct od_json *list = od_json_get(order, p->name);
        if (p->slots) {
            check(p, od_json_get(order, "shipping_address"));
            check(p, od_json_get(order, "billing_address"));
            continue;
        }
        assert_true(list && list->count == WHOLE_PARTS);
        check(p, list->child);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_see_every_field_of_every_part),
        cmocka_unit_test(tasks_get_every_field_of_every_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
