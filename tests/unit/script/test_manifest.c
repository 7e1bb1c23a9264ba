#include "fixture.h"
#include "script/call/hooks.h"

/* plugin.ini, the settings of plugins, what they may do, and the names they use. */

static int parse(struct host *h, const char *text, struct od_plugin *out)
{
    *out = (struct od_plugin){.name = OD_STR("vip")};
    od_err_clear(&h->err);
    return od_manifest_parse(od_str_of(text), &h->arena, out, &h->err);
}

static void assert_load_fails(struct host *h, const char *origin, const char *part)
{
    assert_int_equal(host_load(h), -1);
    assert_null(h->bundle);
    assert_string_equal(h->err.origin, origin);
    assert_contains(h->err.message, part);
}

static const char manifest[] = "name = vip\n"
                               "version = 1.0.0\n"
                               "api = 1\n"
                               "description = VIPs\n"
                               "provides = order.cancel\n"
                               "capabilities = mail, http:api.example.com\n"
                               "[limits]\n"
                               "instructions = 200000\n"
                               "memory = 2m\n"
                               "[config.window]\n"
                               "type = duration\n"
                               "default = 48h\n"
                               "[config.level]\n"
                               "type = integer\n"
                               "min = 1\n"
                               "max = 5\n"
                               "[config.mode]\n"
                               "type = choice\n"
                               "choices = fast, slow\n"
                               "default = slow\n"
                               "[config.rules]\n"
                               "keys = *:*\n"
                               "[config.floor]\n"
                               "type = amount\n"
                               "[config.tags]\n"
                               "type = list\n"
                               "[config.active]\n"
                               "type = bool\n"
                               "[config.text]\n"
                               "required = yes\n";

HOST_TEST(a_manifest_is_read)
{
    struct od_plugin p;

    assert_int_equal(parse(h, manifest, &p), 0);
    assert_string_equal(p.capabilities.ptr, "mail, http:api.example.com");
    assert_int_equal(p.api, 1);
    assert_int_equal(p.instructions, 200000);
    assert_int_equal(p.memory, 2 << 20);
    assert_int_equal(p.config_count, 8);
    assert_int_equal(p.config[0].type, OD_CONFIG_DURATION);
    assert_string_equal(p.config[0].default_value.ptr, "48h");
    assert_string_equal(p.config[0].origin.ptr, "vip/plugin.ini:11");
    assert_int_equal(p.config[1].max, 5);
    assert_string_equal(p.config[3].keys.ptr, "*:*");
    assert_true(p.config[7].required);
}

HOST_TEST(faults_of_a_manifest_name_the_line)
{
    static const struct {
        const char *text, *origin, *part;
    } cases[] = {
        {"\ncapabilites = mail", "vip/plugin.ini:2", "did you mean 'capabilities'?"},
        {"api = 2", "vip/plugin.ini:1", "written for api 2; this orderd has api 1"},
        {"name = other", "vip/plugin.ini:1", "names the plugin 'other' in a folder 'vip'"},
        {"[limit]\nmemory = 2m", "vip/plugin.ini:2", "did you mean 'limits'?"},
        {"[limits]\nmemory = 2k", "vip/plugin.ini:2", "at least 1m"},
        {"[limits]\ninstructions = few", "vip/plugin.ini:2", "instructions must be"},
        {"[config.x]\ntype = integr", "vip/plugin.ini:2", "did you mean 'integer'?"},
        {"[config.X]\ntype = text", "vip/plugin.ini:2", "a name is a-z"},
        {"[config.x]\ndefalt = 1", "vip/plugin.ini:2", "did you mean 'default'?"},
        {"[config.x]\ntype = duration\ndefault = soon", "vip/plugin.ini:2",
         "the default: must be a duration"},
        {"[config.x]\ntype = integer\nmin = 3\ndefault = 2", "vip/plugin.ini:2",
         "must be an integer from 3 to"},
        {"[config.x]\ntype = integer\nmin = 3\nmax = 2", "vip/plugin.ini:2", "min is greater"},
        {"[config.x]\nmin = 3", "vip/plugin.ini:2", "only an integer has min and max"},
        {"[config.x]\ntype = choice", "vip/plugin.ini:2", "a choice needs"},
        {"[config.x]\ntype = choice\nchoices = a, b\ndefault = c", "vip/plugin.ini:2",
         "must be one of a, b, not 'c'"},
        {"[config.x]\nkeys = abc", "vip/plugin.ini:2", "a pattern with `*`"},
        {"[config.x]\nrequired = yes\ndefault = 1", "vip/plugin.ini:2", "no use for a default"},
    };
    struct od_plugin p;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(parse(h, cases[i].text, &p), -1);
        assert_int_equal(h->err.code, OD_ERR_CONFIG);
        assert_string_equal(h->err.origin, cases[i].origin);
        assert_contains(h->err.message, cases[i].part);
    }
}

/* Adds plugin "vip" with the manifest above, capabilities aside, and the script. */
static void add_vip(struct host *h, const char *script)
{
    struct od_plugin p;

    assert_int_equal(parse(h, manifest, &p), 0);
    add_plugin(h, "vip", script);
    h->plugins[1].config = p.config;
    h->plugins[1].config_count = p.config_count;
}

static void set(struct host *h, const char *key, const char *value)
{
    char origin[20];

    snprintf(origin, sizeof origin, "o.ini:%u", 10 + h->source.setting_count);
    h->settings[h->source.setting_count++] =
        (struct od_plugin_setting){OD_STR("vip"), od_str_of(key), od_str_of(value),
                                   od_arena_str(&h->arena, od_str_of(origin))};
}

HOST_TEST(settings_reach_their_plugin_with_their_types)
{
    add_vip(h, "local c = oms.config\n"
               "assert(c.window == 48 * 3600000 and c.level == 4 and c.mode == 'slow')\n"
               "assert(c.floor == 5998 and c.active == true and c.text == 'hello')\n"
               "assert(#c.tags == 2 and c.tags[2] == 'blue sky')\n"
               "assert(#c.rules == 2 and c.rules[1].key == 'paid:*' and c.rules[1].value == 'a')\n"
               "assert(c.rules[2].key == '*:x' and c.rules[2].origin == 'o.ini:16')\n"
               "assert(not pcall(function() c.rules[1].value = 'b' end))\n");
    set(h, "text", "hello");
    set(h, "level", "4");
    set(h, "floor", "59.98");
    set(h, "tags", "red, blue sky,");
    set(h, "active", "on");
    set(h, "paid:*", "a");
    set(h, "*:x", "b");
    if (host_load(h) != 0)
        fail_msg("%s: %s", h->err.origin, h->err.message);
}

HOST_TEST(a_setting_that_is_not_declared_is_a_mistake)
{
    add_vip(h, "assert(oms.config.level == nil) for _ in pairs(oms.config) do end\n"
               "return oms.config.levle");
    set(h, "text", "x");
    assert_load_fails(h, "vip/rules.lua:2", "vip/plugin.ini declares no setting 'levle'");
}

HOST_TEST(amounts_are_in_the_configured_currency)
{
    add_vip(h, "assert(oms.config.floor == 5998)");
    set(h, "text", "x");
    set(h, "floor", "5998");
    h->source.rules_ini = OD_STR("[order]\ndefault_currency = JPY\n");
    if (host_load(h) != 0)
        fail_msg("%s: %s", h->err.origin, h->err.message);
    od_bundle_unref(h->bundle);
    h->bundle = NULL;
    h->settings[1].value = OD_STR("59.98");
    assert_load_fails(h, "o.ini:11", "floor: must be an amount with at most 0 fraction digits");
}

HOST_TEST(wrong_settings_name_the_line_of_the_configuration)
{
    static const struct {
        const char *key, *value, *part;
    } cases[] = {
        {"wndow", "1h", "plugin 'vip' has no setting 'wndow'; did you mean 'window'?"},
        {"window", "long", "window: must be a duration (30s, 5m, 48h, 7d), not 'long'"},
        {"level", "9", "level: must be an integer from 1 to 5, not '9'"},
        {"mode", "medium", "mode: must be one of fast, slow, not 'medium'"},
        {"active", "perhaps", "active: must be yes or no"},
        {"text", "again", "text is set twice, first at o.ini:10"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        h->plugin_count = 1;
        h->source.setting_count = 0;
        add_vip(h, "error('no code runs before its settings are sound')");
        set(h, "text", "x");
        set(h, cases[i].key, cases[i].value);
        assert_load_fails(h, "o.ini:11", cases[i].part);
        assert_int_equal(h->err.code, OD_ERR_CONFIG);
    }
}

HOST_TEST(a_required_setting_is_missed)
{
    add_vip(h, "");
    assert_load_fails(h, "vip/plugin.ini:30",
                      "needs the setting text: add `text = …` to "
                      "[plugin.vip]");
}

HOST_TEST(a_section_without_its_plugin_is_an_error)
{
    set(h, "text", "x");
    assert_load_fails(h, "o.ini:10", "plugin 'vip' is not loaded; add it to [plugins] load");
}

HOST_TEST(capabilities_must_be_granted)
{
    add_plugin(h, "shop", "error('nothing runs')");
    h->plugins[1].capabilities = OD_STR("mail, http:api.example.com");
    assert_load_fails(h, "shop/plugin.ini",
                      "add to the configuration: [grant] shop = mail, http:api.example.com");
    allow(h, "mail, http:api.example.com");
    h->grants[0].value = OD_STR("mail, http:other.example.com");
    assert_load_fails(h, "shop/plugin.ini", "not granted");
    h->grants[0].value = OD_STR("mail, fax");
    assert_load_fails(h, "o.ini:9", "there is no capability 'fax'");
    h->grants[0].value = OD_STR("mail, notify, http:*");
    assert_load_fails(h, "shop/rules.lua:1", "nothing runs");
}

HOST_TEST(an_unknown_capability_names_its_line)
{
    struct od_script_file files[] = {{OD_STR("plugin.ini"), OD_STR("api = 1\ncapabilities = sql")},
                                     {OD_STR("rules.lua"), OD_STR("")}};

    add_plugin(h, "shop", "");
    h->plugins[1].files = files;
    h->plugins[1].file_count = 2;
    h->plugins[1].capabilities = OD_STR("sql");
    assert_load_fails(h, "shop/plugin.ini:2", "there is no capability 'sql'");
    h->plugins[1].capabilities = OD_STR("http:HOST");
    assert_load_fails(h, "shop/plugin.ini:2", "http: is followed by a host");
}

HOST_TEST(names_of_oms_are_checked_before_anything_runs)
{
    static const struct {
        const char *text, *origin, *part;
    } cases[] = {
        {"error('ran')\nlocal x = oms.mial {}", "shop/rules.lua:2", "did you mean oms.mail?"},
        {"error('ran')\n\nreturn oms.mail {}", "shop/rules.lua:3",
         "oms.mail needs a capability: add `capabilities = mail` to plugin.ini"},
        {"return oms . -- a comment\n webhook", "shop/rules.lua:2", "capabilities = http:HOST"},
        {"oms.orders()", "shop/rules.lua:1", "capabilities = sql.read"},
        {"oms.cancel_order(1)", "shop/rules.lua:1", "capabilities = commands"},
        {"oms.transaction()", "shop/rules.lua:1", "capabilities = commands"},
        {"x = 'a'..oms.xyzzy", "shop/rules.lua:1", "there is no oms.xyzzy"},
        {"local o = oms o['mail'] {}", "shop/rules.lua:1",
         "oms.mail needs a capability: add `capabilities = mail` to shop/plugin.ini"},
        {"_G.oms['run'] {}", "shop/rules.lua:1", "oms.run needs a capability"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        h->plugin_count = 1;
        add_plugin(h, "shop", cases[i].text);
        assert_load_fails(h, cases[i].origin, cases[i].part);
    }
}

HOST_TEST(what_only_looks_like_a_name_of_oms_is_left_alone)
{
    static const char text[] =
        "-- oms.mail\n--[[ oms.mail\n oms.nothing ]]\n--[==[ ]] oms.x ]==]\n"
        "local s = 'oms.x' .. \"oms.\\\"x\" .. [[oms.x]] .. [=[ ]] oms.x]=]\n"
        "local t = {oms = {x = 1}} local u = t.oms.x\n"
        "local a = {1, oms}\n"
        "local v = oms.now\n";

    add_plugin(h, "shop", text);
    if (host_load(h) != 0)
        fail_msg("%s: %s", h->err.origin, h->err.message);
}

HOST_TEST(a_variable_called_oms_is_the_scripts_own)
{
    static const char *const good[] = {
        "local oms = {mial = 1} return oms.mial",
        "local a, oms = 1, {} return oms.mial",
        "local function f(a, oms) return oms.mial end",
        "local f = function(oms, ...) return oms.mial end",
        "local function oms() end return (function() return oms.mial end)",
    };
    static const char *const bad[] = {
        "local oms = oms return oms.mial",
        "local a = oms.mial",
        "local function f(a, ...) return oms.mial end",
        "local oms2 = {} return oms.mial",
    };

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        h->plugin_count = 1;
        add_plugin(h, "shop", good[i]);
        if (host_load(h) != 0)
            fail_msg("%s: %s: %s", good[i], h->err.origin, h->err.message);
        od_bundle_unref(h->bundle);
        h->bundle = NULL;
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        h->plugin_count = 1;
        add_plugin(h, "shop", bad[i]);
        assert_load_fails(h, "shop/rules.lua:1", "did you mean oms.mail?");
    }
}

HOST_TEST(webhooks_go_to_declared_hosts_only)
{
    static const struct {
        const char *url;
        bool allowed;
    } cases[] = {
        {"https://api.example.com/x", true},
        {"https://API.example.com:8443/x?y#z", true},
        {"https://api.example.com", true},
        {"http://[::1]:80/", false},
        {"https://evil.org/api.example.com", false},
        {"https://api.example.com.evil.org/", false},
        {"https://api.example.com@evil.org/", false},
        {"https://user:api.example.com@evil.org/", false},
        {"https://evil.org\\\\@api.example.com/", false},
        {"https://api.example.com%2eevil.org/", false},
        {"https:///x", false},
        {"https://:80/", false},
    };
    struct od_event e = {.type = OD_EVENT_ORDER_PLACED, .seq = 1, .recorded_at = NOW};
    struct od_intent *intents;
    uint32_t n;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[300];

        snprintf(text, sizeof text,
                 "oms.on('order.placed', function() return oms.webhook { url = '%s', event = 'e' } "
                 "end)",
                 cases[i].url);
        h->plugin_count = 1;
        h->source.grant_count = 0;
        add_plugin(h, "shop", text);
        allow(h, "http:api.example.com");
        assert_int_equal(host_load(h), 0);
        int rc = od_bundle_run_hooks(h->bundle, OD_STR("order.placed"), &e, &h->order, &h->arena,
                                     &intents, &n, &h->err);
        if ((rc == 0) != cases[i].allowed)
            fail_msg("%s: %s", cases[i].url, h->err.message);
        assert_int_equal(n, cases[i].allowed);
        od_bundle_unref(h->bundle);
        h->bundle = NULL;
    }
}

HOST_TEST(tests_register_in_the_sealed_environment)
{
    struct od_script_file test = {OD_STR("tests/rules.lua"),
                                  OD_STR("assert(helper() == 1)\noms.test('x', function() end)")};
    uint32_t n;

    add_plugin(h, "shop", "function helper() return 1 end");
    h->plugins[1].tests = &test;
    h->plugins[1].test_count = 1;
    assert_int_equal(host_load(h), 0);
    od_bundle_offers(h->bundle, OD_OFFER_TEST, &n);
    assert_int_equal(n, 0);
    od_bundle_unref(h->bundle);
    h->bundle = NULL;
    h->source.with_tests = true;
    if (host_load(h) != 0)
        fail_msg("%s: %s", h->err.origin, h->err.message);
    assert_string_equal(od_bundle_offers(h->bundle, OD_OFFER_TEST, &n)[0].origin.ptr,
                        "shop/tests/rules.lua:2");
    assert_int_equal(n, 1);
    od_bundle_unref(h->bundle);
    h->bundle = NULL;
    test.text = OD_STR("x = 1");
    assert_load_fails(h, "shop/tests/rules.lua:1", "read-only");
    test.text = OD_STR("oms.on('order.placed', function() end)");
    assert_load_fails(h, "shop/tests/rules.lua:1", "files in tests/ may only call oms.test");
    h->files[1].text = OD_STR("oms.test('x', function() end)");
    assert_load_fails(h, "shop/rules.lua:1", "tests/");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_manifest_is_read),
        cmocka_unit_test(faults_of_a_manifest_name_the_line),
        cmocka_unit_test(settings_reach_their_plugin_with_their_types),
        cmocka_unit_test(a_setting_that_is_not_declared_is_a_mistake),
        cmocka_unit_test(amounts_are_in_the_configured_currency),
        cmocka_unit_test(wrong_settings_name_the_line_of_the_configuration),
        cmocka_unit_test(a_required_setting_is_missed),
        cmocka_unit_test(a_section_without_its_plugin_is_an_error),
        cmocka_unit_test(capabilities_must_be_granted),
        cmocka_unit_test(an_unknown_capability_names_its_line),
        cmocka_unit_test(names_of_oms_are_checked_before_anything_runs),
        cmocka_unit_test(what_only_looks_like_a_name_of_oms_is_left_alone),
        cmocka_unit_test(a_variable_called_oms_is_the_scripts_own),
        cmocka_unit_test(webhooks_go_to_declared_hosts_only),
        cmocka_unit_test(tests_register_in_the_sealed_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
