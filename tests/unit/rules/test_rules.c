#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "rules/make/rules.h"
#include "rules/make/ini.h"
#include "conf/conf.h"
#include "conf/shop.h"

/* Rules from disk and from what the database keeps of them. */

static const char shop[] = "[server]\n"
                           "listen = 127.0.0.1:9\n"
                           "[plugins]\n"
                           "load = net30  net30\n"
                           "[order]\n"
                           "default_currency = GBP\n"
                           "[policy]\n"
                           "payment.status = default\n"
                           "order.cancel = default\n"
                           "[plugin.b]\n"
                           "z = 1\n"
                           "a = 2\n"
                           "[plugin.a]\n"
                           "*:shipped = x\n"
                           "[grant]\n"
                           "b = mail, http:api.example.com\n"
                           "[migrate]\n"
                           "order_status.packed = open\n"
                           "[order_status.open]\n"
                           "default = yes\n"
                           "next =\n";

static const char shop_rules[] = "[plugins]\n"
                                 "load = net30, net30\n"
                                 "[stock]\n"
                                 "track = all\n"
                                 "locations = main\n"
                                 "[metadata]\n"
                                 "strict = no\n"
                                 "[order]\n"
                                 "default_currency = GBP\n"
                                 "[policy]\n"
                                 "order.cancel = default\n"
                                 "payment.status = default\n"
                                 "[grant]\n"
                                 "b = mail, http:api.example.com\n"
                                 "[migrate]\n"
                                 "order_status.packed = open\n"
                                 "[plugin.a]\n"
                                 "*:shipped = x\n"
                                 "[plugin.b]\n"
                                 "z = 1\n"
                                 "a = 2\n"
                                 "[order_status.open]\n"
                                 "default = yes\n"
                                 "next =\n"
                                 "[payment_status.";

static struct od_conf *parse(const char *text, const char *const *overrides, size_t n)
{
    struct od_conf *conf;
    struct od_err err;
    if (od_conf_parse("shop.ini", od_str_of(text), overrides, n, &conf, &err))
        fail_msg("%s: %s", err.origin, err.message);
    return conf;
}

static struct od_str print(const struct od_conf *conf, struct od_buf *b)
{
    struct od_err err;
    od_buf_init(b, 1 << 20);
    if (od_rules_ini_print(conf, b, &err))
        fail_msg("%s: %s", err.origin, err.message);
    return od_buf_view(b);
}

static void rules_ini_is_what_decisions_follow_in_one_order(void **state)
{
    (void)state;
    struct od_conf *conf = parse(shop, NULL, 0);
    struct od_buf b;
    struct od_str text = print(conf, &b);
    assert_true(od_str_starts_with(text, od_str_of(shop_rules)));
    od_buf_fini(&b);
    od_conf_unref(conf);
}

static const char stores[] = "[stock]\n"
                             "locations = main , backroom\n"
                             "[store.tokyo]\n"
                             "name = Tokyo K.K.\n"
                             "address = 1-1 Chiyoda | Tokyo\n"
                             "currency = JPY\n"
                             "order_status.pending = New\n"
                             "[store.bare]\n"
                             "email = bare@example.org\n"
                             "[metadata.gift]\n"
                             "type = boolean\n"
                             "[metadata]\n"
                             "strict = yes\n";

/* What stores say of themselves is the process's own, a store that says no more is one all the
 * same. */
static void rules_ini_keeps_the_shop_without_how_stores_present_themselves(void **state)
{
    (void)state;
    struct od_conf *conf = parse(stores, NULL, 0), *back;
    struct od_conf *base =
        parse("[store.tokyo]\nname = Tokyo Ltd\n[store.new]\nname = New\n", NULL, 0);
    struct od_buf b, again;
    struct od_err err;
    struct od_arena a;
    struct od_str text = print(conf, &b);
    assert_non_null(strstr(b.ptr, "locations = main, backroom\n[metadata]\nstrict = yes\n"));
    assert_non_null(strstr(b.ptr, "[metadata.gift]\ntype = boolean\n"
                                  "[store.bare]\ntitle = bare\n"
                                  "[store.tokyo]\ncurrency = JPY\norder_status.pending = New\n"
                                  "title = tokyo\n"));
    assert_null(strstr(b.ptr, "Chiyoda"));
    assert_int_equal(od_rules_ini_parse(base, text, &back, &err), 0);
    assert_true(od_str_eq(print(back, &again), text));
    od_arena_init(&a);
    assert_true(od_str_is(od_conf_shop(back, OD_STR("tokyo"), &a).name, "Tokyo Ltd"));
    assert_null(od_conf_shop(back, OD_STR("new"), &a).name.ptr);
    od_arena_fini(&a);
    od_buf_fini(&b);
    od_buf_fini(&again);
    od_conf_unref(back);
    od_conf_unref(base);
    od_conf_unref(conf);
}

static void reading_rules_ini_back_keeps_the_process_own_keys(void **state)
{
    (void)state;
    const char *const overrides[] = {"script.memory=3m", "stock.track=known"};
    struct od_conf *conf = parse(shop, NULL, 0), *base = parse("", overrides, 2), *back;
    struct od_buf b, again;
    struct od_err err;
    struct od_str text = print(conf, &b);
    assert_int_equal(od_rules_ini_parse(base, text, &back, &err), 0);
    assert_true(od_str_eq(print(back, &again), text));
    assert_int_equal(back->script.memory, 3 << 20);
    assert_int_equal(back->stock.track, OD_CONF_TRACK_ALL);
    assert_true(od_str_eq(back->server.listen.text, base->server.listen.text));
    assert_int_equal(back->override_count, 2);
    assert_string_equal(back->file.ptr, "shop.ini");
    od_conf_unref(base); /* nothing of it is borrowed */
    assert_string_equal(back->overrides[1], "stock.track=known");
    od_buf_fini(&b);
    od_buf_fini(&again);
    od_conf_unref(back);
    od_conf_unref(conf);
}

static void what_only_an_override_can_hold_reads_back(void **state)
{
    (void)state;
    char name[400] = "order_status.open.name=", note[] = "plugin.b.note=a ; b";
    memset(name + strlen(name), 'x', 300);
    const char *const overrides[] = {name, note};
    struct od_conf *conf = parse(shop, overrides, 2), *back;
    struct od_buf b;
    struct od_err err;
    struct od_str text = print(conf, &b), found;
    assert_int_equal(od_rules_ini_parse(conf, text, &back, &err), 0);
    found = od_conf_entry_find(back, OD_STR("order_status.open"), OD_STR("name"), NULL);
    assert_int_equal(found.len, 300);
    found = od_conf_entry_find(back, OD_STR("plugin.b"), OD_STR("note"), NULL);
    assert_true(od_str_is(found, "a ; b"));
    od_buf_fini(&b);
    od_conf_unref(back);
    od_conf_unref(conf);
}

static void a_value_with_a_line_break_is_refused(void **state)
{
    (void)state;
    const char *const overrides[] = {"plugin.b.note=a\n[policy]\norder.cancel = b"};
    struct od_conf *conf = parse(shop, overrides, 1);
    struct od_buf b;
    struct od_err err;
    od_buf_init(&b, 1 << 20);
    assert_int_equal(od_rules_ini_print(conf, &b, &err), -1);
    assert_string_equal(err.origin, "-o plugin.b.note");
    od_buf_fini(&b);
    od_conf_unref(conf);
}

static struct od_conf *shipped(const char *const *overrides, size_t n)
{
    struct od_conf *conf;
    struct od_err err;
    if (od_conf_load("conf/orderd.ini", overrides, n, &conf, &err))
        fail_msg("%s: %s", err.origin, err.message);
    return conf;
}

static struct od_rules *build(struct od_conf *conf)
{
    struct od_rules *rules;
    struct od_err err;
    if (od_rules_build(conf, &rules, &err))
        fail_msg("%s: %s", err.origin, err.message);
    return rules;
}

static void stored_sources_make_the_same_bundle(void **state)
{
    (void)state;
    struct od_conf *conf = shipped(NULL, 0);
    struct od_rules *rules = build(conf), *again;
    struct od_rules_source source;
    struct od_arena a;
    struct od_err err;
    size_t count;
    od_arena_init(&a);
    struct od_stored_source *sources = od_rules_sources(rules, &a, &count);
    if (od_rules_source_stored(conf, sources, count, &source, &err))
        fail_msg("%s: %s", err.origin, err.message);
    assert_int_equal(od_rules_make(&source, &again, &err), 0);
    od_rules_source_fini(&source);
    assert_string_equal(again->hash, rules->hash);
    assert_int_equal(again->statuses.of[0].count, rules->statuses.of[0].count);
    assert_int_equal(od_rules_source_stored(conf, sources + 1, count - 1, &source, &err), -1);
    assert_int_equal(err.code, OD_ERR_INVALID);
    od_rules_unref(again);
    od_rules_unref(rules);
    od_arena_fini(&a);
    od_conf_unref(conf);
}

static struct od_str stored_secret(const struct od_conf *base, struct od_stored_source *sources,
                                   size_t count, struct od_rules_source *source)
{
    struct od_err err;
    if (od_rules_source_stored(base, sources, count, source, &err))
        fail_msg("%s: %s", err.origin, err.message);
    assert_int_equal(source->bundle.setting_count, 1);
    return source->bundle.settings[0].value;
}

static void secrets_of_plugins_are_neither_stored_nor_shown(void **state)
{
    (void)state;
    const char *const one[] = {"plugins.load=stripe", "grant.stripe=commands, sql.read",
                               "plugin.stripe.signing_secret=whsec_first"};
    const char *const two[] = {one[0], one[1], "plugin.stripe.signing_secret=whsec_other"};
    struct od_conf *conf = shipped(one, 3), *conf_two = shipped(two, 3), *bare = shipped(one, 2);
    struct od_rules *rules = build(conf), *rules_two = build(conf_two), *again;
    struct od_rules_source source;
    struct od_arena a;
    struct od_buf shown;
    struct od_err err;
    size_t count;
    od_arena_init(&a);
    struct od_stored_source *sources = od_rules_sources(rules, &a, &count);
    for (size_t i = 0; i < count; i++)
        assert_null(memmem(sources[i].text.ptr, sources[i].text.len, "whsec_first", 11));
    assert_string_not_equal(rules->hash, rules_two->hash);
    od_buf_init(&shown, 1 << 20);
    od_conf_print(rules->conf, &shown);
    assert_null(memmem(shown.ptr, shown.len, "whsec_first", 11));
    od_buf_fini(&shown);

    /* The bundle is the same one when it comes back, and its conf can be the base of the next. */
    assert_true(od_str_is(stored_secret(conf, sources, count, &source), "whsec_first"));
    assert_int_equal(od_rules_make(&source, &again, &err), 0);
    od_rules_source_fini(&source);
    assert_string_equal(again->hash, rules->hash);
    assert_true(od_str_is(stored_secret(again->conf, sources, count, &source), "whsec_first"));
    od_rules_source_fini(&source);
    od_rules_unref(again);

    /* A secret that was replaced since stays replaced; one that nobody has any more fits nothing.
     */
    assert_true(od_str_is(stored_secret(conf_two, sources, count, &source), "whsec_other"));
    assert_int_equal(od_rules_make(&source, &again, &err), 0);
    od_rules_source_fini(&source);
    assert_string_equal(again->hash, rules->hash);
    od_rules_unref(again);
    assert_int_equal(stored_secret(bare, sources, count, &source).len, 0);
    od_rules_source_fini(&source);
    od_rules_unref(rules);
    od_rules_unref(rules_two);
    od_arena_fini(&a);
    od_conf_unref(conf);
    od_conf_unref(conf_two);
    od_conf_unref(bare);
}

/* Another process has reloaded, and this one still has the secret of before. */
static void a_secret_is_read_from_the_file_when_the_process_has_an_older_one(void **state)
{
    (void)state;
    static const char text[] = "[plugins]\nload = stripe\n[grant]\nstripe = commands, sql.read\n"
                               "[plugin.stripe]\nsigning_secret = whsec_%s\n";
    char dir[] = "/tmp/od_secrets_XXXXXX", file[64];
    const char *const overrides[] = {"plugins.dir=plugins", "plugins.scripts=scripts"};
    struct od_conf *older, *newer;
    struct od_rules_source source;
    struct od_arena a;
    struct od_err err;
    size_t count;
    assert_non_null(mkdtemp(dir));
    snprintf(file, sizeof file, "%s/orderd.ini", dir);
    struct od_conf **const both[] = {&older, &newer};
    for (int i = 0; i < 2; i++) {
        FILE *f = fopen(file, "w");
        assert_non_null(f);
        fprintf(f, text, i ? "newer" : "older");
        fclose(f);
        if (od_conf_load(file, overrides, 2, both[i], &err))
            fail_msg("%s: %s", err.origin, err.message);
    }
    od_arena_init(&a);
    struct od_rules *rules = build(newer);
    struct od_stored_source *sources = od_rules_sources(rules, &a, &count);
    assert_true(od_str_is(stored_secret(older, sources, count, &source), "whsec_newer"));
    od_rules_source_fini(&source);
    od_rules_unref(rules);
    od_arena_fini(&a);
    od_conf_unref(older);
    od_conf_unref(newer);
    unlink(file);
    rmdir(dir);
}

static void the_hash_follows_the_rules_and_nothing_else(void **state)
{
    (void)state;
    const char *const own[] = {"server.max_connections=7", "script.memory=8m"};
    const char *const other[] = {"stock.track=none"};
    struct od_conf *conf = shipped(NULL, 0), *conf_own = shipped(own, 2),
                   *conf_other = shipped(other, 1);
    struct od_rules *rules = build(conf), *rules_own = build(conf_own),
                    *rules_other = build(conf_other);
    assert_string_equal(rules->hash, rules_own->hash);
    assert_string_not_equal(rules->hash, rules_other->hash);
    od_rules_unref(rules);
    od_rules_unref(rules_own);
    od_rules_unref(rules_other);
    od_conf_unref(conf);
    od_conf_unref(conf_own);
    od_conf_unref(conf_other);
}

static void refuse_move(const char *line, const char *word)
{
    const char *const overrides[] = {line};
    struct od_conf *conf = shipped(overrides, 1);
    struct od_rules *rules;
    struct od_err err;
    assert_int_equal(od_rules_build(conf, &rules, &err), -1);
    assert_int_equal(err.code, OD_ERR_CONFIG);
    assert_true(od_str_starts_with(od_str_of(err.origin), OD_STR("-o migrate.")));
    if (!strstr(err.message, word))
        fail_msg("\"%s\" does not say \"%s\"", err.message, word);
    od_conf_unref(conf);
}

static void moves_of_statuses_are_checked(void **state)
{
    (void)state;
    refuse_move("migrate.order_status.packed=nowhere", "no order_status \"nowhere\"");
    refuse_move("migrate.order_status.pending=processing", "is configured");
    refuse_move("migrate.parcel_status.packed=shipped", "order_status.CODE");
    refuse_move("migrate.packed=processing", "order_status.CODE");

    const char *const good[] = {"migrate.shipment_status.packed=shipped"};
    struct od_conf *conf = shipped(good, 1);
    struct od_rules *rules = build(conf);
    assert_int_equal(rules->move_count, 1);
    assert_int_equal(rules->moves[0].kind, OD_STATUS_SHIPMENT);
    assert_true(od_str_is(rules->moves[0].from, "packed"));
    assert_true(od_str_is(rules->moves[0].to, "shipped"));
    od_rules_unref(rules);
    od_conf_unref(conf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_ini_is_what_decisions_follow_in_one_order),
        cmocka_unit_test(rules_ini_keeps_the_shop_without_how_stores_present_themselves),
        cmocka_unit_test(reading_rules_ini_back_keeps_the_process_own_keys),
        cmocka_unit_test(what_only_an_override_can_hold_reads_back),
        cmocka_unit_test(a_value_with_a_line_break_is_refused),
        cmocka_unit_test(stored_sources_make_the_same_bundle),
        cmocka_unit_test(secrets_of_plugins_are_neither_stored_nor_shown),
        cmocka_unit_test(a_secret_is_read_from_the_file_when_the_process_has_an_older_one),
        cmocka_unit_test(the_hash_follows_the_rules_and_nothing_else),
        cmocka_unit_test(moves_of_statuses_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
