#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/auth.h"
#include "order/machine/command_kind.h"

/* Each command needs a permission that there is. */
static void commands_name_permissions(void **state)
{
    (void)state;
    for (unsigned t = 0; t < OD_COMMAND_TYPES; t++) {
        const struct od_command_kind *kind = od_command_kinds[t];
        enum od_permission p = OD_PERMISSIONS;
        assert_non_null(kind->permission);
        if (!od_permission_named(od_str_of(kind->permission), &p))
            fail_msg("%s: there is no permission %s", kind->name, kind->permission);
        assert_int_equal(od_auth_of_command(kind), p);
    }
}

/* A name is resource.verb, and means one permission. */
static void permissions_have_names_of_their_own(void **state)
{
    (void)state;
    for (unsigned p = 0; p < OD_PERMISSIONS; p++) {
        enum od_permission found = OD_PERMISSIONS;
        const char *name = od_permission_name((enum od_permission)p);
        assert_non_null(strchr(name, '.'));
        assert_true(strlen(od_permission_help((enum od_permission)p)) > 5);
        assert_true(od_permission_named(od_str_of(name), &found));
        assert_int_equal(found, p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_name_permissions),
        cmocka_unit_test(permissions_have_names_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
