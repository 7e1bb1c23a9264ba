#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "access/role.h"
#include "conf/conf.h"
#include "order/model/field_class.h"

/* Roles as the configuration says them, and those that it does not have. */

static int read(const char *text, struct od_roles **out, struct od_err *err)
{
    struct od_conf *conf;

    assert_int_equal(od_conf_parse("shop.ini", od_str_of(text), NULL, 0, &conf, err), 0);
    int rc = od_roles_new(conf, out, err);
    od_conf_unref(conf);
    return rc;
}

static const struct od_role *role(const struct od_roles *roles, const char *name)
{
    const struct od_role *r = od_roles_find(roles, od_str_of(name));
    assert_non_null(r);
    return r;
}

static void lists_add_and_take_away_in_their_order(void **state)
{
    struct od_err err;
    uint64_t set = 0;
    (void)state;
    assert_int_equal(
        od_permissions_read(OD_STR("orders.*, -orders.export,refunds.create, "), &set, &err), 0);
    assert_true(set & OD_PERMISSION_BIT(OD_MAY_ORDERS_VIEW));
    assert_false(set & OD_PERMISSION_BIT(OD_MAY_ORDERS_EXPORT));
    assert_true(set & OD_PERMISSION_BIT(OD_MAY_REFUNDS_CREATE));
    assert_false(set & OD_PERMISSION_BIT(OD_MAY_PAYMENTS_RECORD));
    assert_int_equal(od_permissions_read(OD_STR("*"), &set, &err), 0);
    assert_true(set == OD_PERMISSIONS_ALL);
    assert_int_equal(od_permissions_read(OD_STR("-*"), &set, &err), 0);
    assert_true(set == 0);
}

static void what_there_is_not_is_refused(void **state)
{
    static const char *const wrong[] = {"orders.veiw", "orders",    "order*",
                                        "-",           "nothing.*", "orders.view,,x"};
    struct od_err err;
    uint64_t set = 0;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(od_permissions_read(od_str_of(wrong[i]), &set, &err), -1);
    assert_int_equal(od_permissions_read(OD_STR("orders.veiw"), &set, &err), -1);
    assert_non_null(strstr(err.message, "orders.view"));
}

static void a_role_inherits_and_says_otherwise(void **state)
{
    struct od_roles *roles;
    struct od_err err;
    (void)state;
    assert_int_equal(
        read("[store.berlin]\ntitle = Berlin\n[store.oslo]\ntitle = Oslo\n"
             "[role.night]\ninherits = support\npermissions = -refunds.create, reports.view\n"
             "fields = money\nstores = oslo, berlin\nlimit.refund = 99.5\n",
             &roles, &err),
        0);
    const struct od_role *night = role(roles, "night"), *support = role(roles, "support");
    assert_true(od_role_may(support, OD_MAY_REFUNDS_CREATE));
    assert_false(od_role_may(night, OD_MAY_REFUNDS_CREATE));
    assert_true(od_role_may(night, OD_MAY_REPORTS_VIEW) &&
                od_role_may(night, OD_MAY_ORDERS_CANCEL));
    assert_int_equal(night->classes, OD_CLASS_BIT(OD_CLASS_PUBLIC) | OD_CLASS_BIT(OD_CLASS_MONEY));
    assert_int_equal(night->store_count, 2);
    assert_true(od_str_is(night->stores[0], "berlin") && od_str_is(night->stores[1], "oslo"));
    assert_int_equal(night->refund_limit, 995000);
    assert_null(support->stores);
    assert_int_equal(support->classes, OD_CLASSES_ALL);
    od_roles_unref(roles);
}

/* The file's section takes the place of the shipped one, and the others are still there. */
static void a_section_replaces_the_shipped_role_of_its_name(void **state)
{
    struct od_roles *roles;
    struct od_err err;
    (void)state;
    assert_int_equal(read("[role.junior]\npermissions = inventory.view\n", &roles, &err), 0);
    assert_true(role(roles, "junior")->permissions == OD_PERMISSION_BIT(OD_MAY_INVENTORY_VIEW));
    assert_true(role(roles, "owner")->permissions == OD_PERMISSIONS_ALL);
    assert_false(od_role_may(role(roles, "support"), OD_MAY_PAYMENTS_RECORD));
    assert_null(od_roles_find(roles, OD_STR("nobody")));
    od_roles_unref(roles);
}

static void a_wrong_section_names_its_line(void **state)
{
    static const struct {
        const char *text, *message, *origin;
    } wrong[] = {
        {"[role.x]\npermissions = orders.fly\n", "orders.fly", "shop.ini:2"},
        {"[role.x]\nfields = secret\n", "no class of fields", "shop.ini:2"},
        {"[role.x]\npermissions = *\nstores = mars\n", "[store.mars]", "shop.ini:3"},
        {"[role.x]\ninherits = y\n", "no role \"y\"", "shop.ini:2"},
        {"[role.x]\ninherits = y\n[role.y]\ninherits = x\n", "inherits from itself", "shop.ini:"},
        {"[role.x]\nlimit.refund = -1\n", "an amount", "shop.ini:2"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct od_roles *roles;
        struct od_err err;
        assert_int_equal(read(wrong[i].text, &roles, &err), -1);
        assert_non_null(strstr(err.message, wrong[i].message));
        assert_non_null(strstr(err.origin, wrong[i].origin));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_add_and_take_away_in_their_order),
        cmocka_unit_test(what_there_is_not_is_refused),
        cmocka_unit_test(a_role_inherits_and_says_otherwise),
        cmocka_unit_test(a_section_replaces_the_shipped_role_of_its_name),
        cmocka_unit_test(a_wrong_section_names_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
