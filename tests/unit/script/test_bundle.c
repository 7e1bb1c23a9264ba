#include "fixture.h"

#include <sys/stat.h>
#include <unistd.h>

/* Loading, linking, answers, and the texts of errors. */

#define CANCEL "oms.policy('order.cancel', function() return oms.refuse('no', 'By %s') end)"

static void assert_load_fails(struct host *h, const char *origin, const char *part)
{
    assert_int_equal(host_load(h), -1);
    assert_null(h->bundle);
    assert_string_equal(h->err.origin, origin);
    assert_contains(h->err.message, part);
}

HOST_TEST(a_plugin_replaces_defaults_answer)
{
    add_plugin(h, "net30",
               "oms.policy('order.cancel', function(order, request)\n"
               "return oms.refuse('no', 'Asked by ' .. request.actor) end)");
    assert_int_equal(host_load(h), 0);
    assert_int_equal(ask(h, OD_ASK_ORDER_CANCEL), 0);
    assert_true(h->answer.refused);
    assert_string_equal(h->answer.code.ptr, "no");
    assert_string_equal(h->answer.reason.ptr, "Asked by clerk");
    assert_string_equal(h->answer.policy.ptr, "order.cancel@net30");
    assert_string_equal(od_bundle_provider_origin(h->bundle, OD_ASK_ORDER_CANCEL).ptr,
                        "net30/rules.lua:1");
    assert_true(od_str_is(od_bundle_provider(h->bundle, OD_ASK_ORDER_NUMBER), "default"));
}

HOST_TEST(two_plugins_with_one_question_need_a_choice)
{
    struct od_provider_choice choice = {OD_STR("order.cancel"), OD_STR("vip"), OD_STR("o.ini:3")};

    add_plugin(h, "net30", CANCEL);
    add_plugin(h, "vip", "\n" CANCEL);
    assert_load_fails(h, "vip/rules.lua:2",
                      "answered here and at net30/rules.lua:1; say which in the configuration: "
                      "[policy] order.cancel = vip");
    h->source.choices = &choice;
    h->source.choice_count = 1;
    assert_int_equal(host_load(h), 0);
    assert_true(od_str_is(od_bundle_provider(h->bundle, OD_ASK_ORDER_CANCEL), "vip"));
    od_bundle_unref(h->bundle);
    choice.plugin = OD_STR("default");
    assert_int_equal(host_load(h), 0);
    assert_true(od_str_is(od_bundle_provider(h->bundle, OD_ASK_ORDER_CANCEL), "default"));
}

HOST_TEST(a_wrong_choice_names_the_line_of_the_configuration)
{
    struct od_provider_choice choice = {OD_STR("order.cancel"), OD_STR("gone"), OD_STR("o.ini:3")};

    h->source.choices = &choice;
    h->source.choice_count = 1;
    assert_load_fails(h, "o.ini:3", "plugin 'gone' is not loaded or does not answer order.cancel");
    choice.question = OD_STR("order.cancle");
    assert_load_fails(h, "o.ini:3", "known: order.status, order.cancel, order.number");
}

HOST_TEST(faults_of_loading_name_file_and_line)
{
    static const struct {
        const char *text, *origin, *part;
    } cases[] = {
        {"\nlocal x = = 1", "shop/rules.lua:2", "unexpected symbol near '='"},
        {"\n\nerror('stop')", "shop/rules.lua:3", "stop"},
        {"\nlocal t = nil\nt.x = 1", "shop/rules.lua:3", "index a nil value (local 't')"},
        {"oms.policy('order.statsu', tostring)", "shop/rules.lua:1",
         "no policy 'order.statsu'; known"},
        {"oms.on('order.place', tostring)", "shop/rules.lua:1",
         "no event 'order.place'; known: order.p"},
        {"oms.policy('order.status')", "shop/rules.lua:1", "function expected"},
        {"\n-- oms.polcy\noms.polcy('order.status')", "shop/rules.lua:3",
         "there is no oms.polcy; did you mean oms.policy?"},
        {CANCEL "\n" CANCEL, "shop/rules.lua:2", "registered twice in this plugin, first at shop/"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        h->plugin_count = 1;
        add_plugin(h, "shop", cases[i].text);
        assert_load_fails(h, cases[i].origin, cases[i].part);
    }
}

HOST_TEST(every_question_needs_an_answer)
{
    h->files[0].text = OD_STR("oms.policy('order.status', function() return 'pending' end)");
    assert_load_fails(h, "", "no loaded plugin answers order.cancel");
}

HOST_TEST(names_are_checked)
{
    add_plugin(h, "Shop!", "");
    assert_load_fails(h, "", "plugin name 'Shop!'");
    h->plugins[1].name = OD_STR("default");
    assert_load_fails(h, "", "listed twice");
    h->plugins[1].name = OD_STR("shop");
    h->files[1].name = OD_STR("a_name_that_is_so_long_that_lua_would_have_to_cut_it_off.lua");
    assert_load_fails(h, "", "the name has more than");
}

HOST_TEST(provides_is_held_to)
{
    add_plugin(h, "shop", CANCEL);
    h->plugins[1].provides = OD_STR("order.cancel, order.number");
    assert_load_fails(h, "shop/plugin.ini", "provides order.number, but no script");
    h->plugins[1].provides = OD_STR("");
    assert_load_fails(h, "shop/plugin.ini",
                      "the scripts register what provides does not list: order.cancel");
    h->plugins[1].provides = OD_STR(" order.cancel ");
    assert_int_equal(host_load(h), 0);
}

HOST_TEST(a_failing_policy_fails_closed_with_file_and_line)
{
    assert_fails(h, "\nreturn order.nothing.at_all", "order has no field 'nothing'");
    assert_string_equal(h->err.origin, "shop/rules.lua:2");
    assert_int_equal(h->err.code, OD_ERR_SCRIPT);
    assert_fails(h, "return {}",
                 "order.status (shop/rules.lua:1) must return a status code (string), got table");
    assert_string_equal(h->err.origin, "shop/rules.lua:1");
    assert_fails(h, "", "got nil");
    assert_fails(h, "return ''", "the status code must have 1 to 40 bytes");
    assert_fails(h, "return 'a\\0b'", "UTF-8 without NUL");
    assert_fails(h, "return '\\xff'", "UTF-8 without NUL");
    assert_fails(h, "error('two\\nlines', 0)", "two lines");
    assert_string_equal(h->err.origin, "shop/rules.lua:1");
}

HOST_TEST(answers_carry_their_reason)
{
    assert_answers(h, "return 'pending', 'paid by invoice'", "pending");
    assert_string_equal(h->answer.reason.ptr, "paid by invoice");
    assert_fails(h, "return 'pending', {}", "the reason must be a string, got table");
    h->plugin_count = 1;
    add_plugin(h, "shop",
               "oms.policy('order.cancel', function() return oms.refuse('Bad!', 'x') end)");
    od_bundle_unref(h->bundle);
    assert_int_equal(host_load(h), 0);
    assert_int_equal(ask(h, OD_ASK_ORDER_CANCEL), -1);
    assert_contains(h->err.message, "a-z, 0-9 and _ only");
}

HOST_TEST(the_name_is_the_hash_of_the_sources)
{
    char first[OD_SHA256_HEX + 1];
    uint32_t n;

    assert_int_equal(host_load(h), 0);
    snprintf(first, sizeof first, "%s", od_bundle_hash(h->bundle));
    assert_int_equal(strlen(first), OD_SHA256_HEX);
    assert_string_equal(od_bundle_files(h->bundle, &n)[0].name.ptr, "default/rules.lua");
    assert_int_equal(n, 1);
    od_bundle_unref(h->bundle);
    assert_int_equal(host_load(h), 0);
    assert_string_equal(od_bundle_hash(h->bundle), first);
    od_bundle_unref(h->bundle);
    add_plugin(h, "shop", "-- nothing");
    assert_int_equal(host_load(h), 0);
    assert_string_not_equal(od_bundle_hash(h->bundle), first);
}

HOST_TEST(two_states_answer_alike)
{
    static const char body[] =
        "local s = '' for k, v in pairs({x = 1, b = 2, a = 3, y = 4, [1] = 5}) do "
        "s = s .. tostring(k) .. v end return s .. tostring(order) .. tostring({})";
    char first[100];

    snprintf(first, sizeof first, "%s", status_of(h, body));
    for (int i = 0; i < 10; i++)
        assert_string_equal(status_of(h, body), first);
}

HOST_TEST(references_keep_a_bundle_and_calls_are_counted)
{
    struct od_bundle *again;
    struct od_bundle_stats stats;

    assert_int_equal(host_load(h), 0);
    again = od_bundle_ref(h->bundle);
    od_bundle_unref(h->bundle);
    h->bundle = again;
    assert_int_equal(ask(h, OD_ASK_ORDER_NUMBER), 0);
    stats = od_bundle_stats(h->bundle);
    assert_int_equal(stats.policy[OD_ASK_ORDER_NUMBER].calls, 1);
    assert_int_equal(stats.policy[OD_ASK_ORDER_NUMBER].errors, 0);
    assert_true(stats.memory > 0);
}

HOST_TEST(memory_stays_flat_over_many_calls)
{
    size_t before;

    assert_int_equal(host_load(h), 0);
    for (int i = 0; i < 20000; i++)
        assert_int_equal(ask(h, OD_ASK_ORDER_NUMBER), 0);
    before = od_bundle_stats(h->bundle).memory;
    for (int i = 0; i < 20000; i++)
        assert_int_equal(ask(h, OD_ASK_ORDER_NUMBER), 0);
    assert_true(od_bundle_stats(h->bundle).memory < 2 * before);
}

static void write_file(const char *dir, const char *name, const char *text)
{
    char path[200];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

HOST_TEST(a_folder_is_read_as_a_plugin)
{
    char dir[] = "/tmp/od_plugin_XXXXXX", command[100];
    struct od_plugin p;

    assert_non_null(mkdtemp(dir));
    assert_int_equal(od_plugin_read(dir, OD_STR("shop"), &h->arena, &p, &h->err), -1);
    assert_contains(h->err.message, "no *.lua file");
    write_file(dir, "b.lua", "b");
    write_file(dir, "a.lua", "a");
    write_file(dir, "README.md", "x");
    write_file(dir, "plugin.ini", "name = shop\nversion = 1.2\nprovides = order.cancel\n");
    assert_int_equal(od_plugin_read(dir, OD_STR("shop"), &h->arena, &p, &h->err), 0);
    assert_int_equal(p.file_count, 3);
    assert_true(od_str_is(p.files[0].name, "plugin.ini"));
    assert_true(od_str_is(p.files[1].name, "a.lua") && od_str_is(p.files[2].text, "b"));
    assert_true(od_str_is(p.version, "1.2") && od_str_is(p.provides, "order.cancel"));
    assert_int_equal(od_plugin_read(dir, OD_STR("other"), &h->arena, &p, &h->err), -1);
    assert_contains(h->err.message, "names the plugin 'shop' in a folder 'other'");
    write_file(dir, "plugin.ini", "colour = red\n");
    assert_int_equal(od_plugin_read(dir, OD_STR("shop"), &h->arena, &p, &h->err), -1);
    assert_contains(h->err.message, "unknown key 'colour'; known: name, version");
    write_file(dir, "plugin.ini", "name = shop\nnonsense\n");
    assert_int_equal(od_plugin_read(dir, OD_STR("shop"), &h->arena, &p, &h->err), -1);
    assert_string_equal(h->err.origin, "shop/plugin.ini:2");
    assert_int_equal(od_plugin_read("/nowhere/at/all", OD_STR("x"), &h->arena, &p, &h->err), -1);
    assert_int_equal(h->err.code, OD_ERR_NOT_FOUND);
    snprintf(command, sizeof command, "rm -r %s", dir);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plugin_replaces_defaults_answer),
        cmocka_unit_test(two_plugins_with_one_question_need_a_choice),
        cmocka_unit_test(a_wrong_choice_names_the_line_of_the_configuration),
        cmocka_unit_test(faults_of_loading_name_file_and_line),
        cmocka_unit_test(every_question_needs_an_answer),
        cmocka_unit_test(names_are_checked),
        cmocka_unit_test(provides_is_held_to),
        cmocka_unit_test(a_failing_policy_fails_closed_with_file_and_line),
        cmocka_unit_test(answers_carry_their_reason),
        cmocka_unit_test(the_name_is_the_hash_of_the_sources),
        cmocka_unit_test(two_states_answer_alike),
        cmocka_unit_test(references_keep_a_bundle_and_calls_are_counted),
        cmocka_unit_test(memory_stays_flat_over_many_calls),
        cmocka_unit_test(a_folder_is_read_as_a_plugin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
