#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "conf/builtin.h"
#include "conf/conf.h"
#include "conf/keys.h"
#include "conf/shop.h"

#define FILE_NAME "conf/test.ini"

static struct od_conf *accept(const char *text, const char *const *overrides, size_t count)
{
    struct od_conf *c = NULL;
    struct od_err err = {0};

    if (od_conf_parse(FILE_NAME, od_str_of(text), overrides, count, &c, &err) < 0)
        fail_msg("%s: %s", err.origin, err.message);
    return c;
}

static void refuse(const char *text, const char *origin, const char *word)
{
    struct od_conf *c = NULL;
    struct od_err err = {0};

    assert_int_equal(od_conf_parse(FILE_NAME, od_str_of(text), NULL, 0, &c, &err), -1);
    assert_null(c);
    assert_int_equal(err.code, OD_ERR_CONFIG);
    assert_string_equal(err.origin, origin);
    if (!strstr(err.message, word))
        fail_msg("\"%s\" does not say \"%s\"", err.message, word);
}

static void refuse_override(const char *argument, const char *origin, const char *word)
{
    struct od_conf *c = NULL;
    struct od_err err = {0};

    assert_int_equal(od_conf_parse(FILE_NAME, OD_STR(""), &argument, 1, &c, &err), -1);
    assert_string_equal(err.origin, origin);
    if (!strstr(err.message, word))
        fail_msg("\"%s\" does not say \"%s\"", err.message, word);
}

static void assert_str(struct od_str s, const char *expected)
{
    assert_non_null(s.ptr);
    assert_string_equal(s.ptr, expected);
}

static void an_empty_file_is_the_defaults(void **state)
{
    (void)state;
    struct od_conf *c = accept("", NULL, 0);

    assert_str(c->server.listen.text, "127.0.0.1:8080");
    assert_int_equal(c->server.listen.port, 8080);
    assert_true(c->server.listen.loopback);
    assert_int_equal(c->server.max_header_bytes, 16384);
    assert_int_equal(c->server.header_timeout_ms, 10000);
    assert_int_equal(c->engine.idempotency_ttl_ms, 86400000);
    assert_false(c->server.reuse_port);
    assert_int_equal(c->stock.track, OD_CONF_TRACK_ALL);
    assert_int_equal(c->log.level, OD_LOG_INFO);
    assert_int_equal(c->plugins.load.len, 0);
    assert_true(c->entry_count > 50);
    assert_str(od_conf_entry_find(c, OD_STR("payment_status.paid"), OD_STR("phase"), NULL), "paid");
    od_conf_unref(c);
}

static void every_type_is_read(void **state)
{
    (void)state;
    struct od_conf *c = accept("\xEF\xBB\xBF[server]\r\nlisten = [::1]:0\n  reuse_port = on\r\n"
                               "# comment\n; comment ; with more\nheader_timeout=200ms\n"
                               "max_body_bytes = 64k\n[stock]\ntrack = known\n"
                               "[order]\ndefault_currency = KWD\n"
                               "[database]\nurl = postgresql://a:b;c@h1,h2/orderd?x=y\n"
                               "data_dir = /var/data\n[engine]\nmax_batch = 7\n",
                               NULL, 0);

    assert_str(c->server.listen.host, "::1");
    assert_int_equal(c->server.listen.port, 0);
    assert_true(c->server.listen.loopback);
    assert_true(c->server.reuse_port);
    assert_int_equal(c->server.header_timeout_ms, 200);
    assert_int_equal(c->server.max_body_bytes, 65536);
    assert_int_equal(c->stock.track, OD_CONF_TRACK_KNOWN);
    assert_str(c->order.default_currency, "KWD");
    assert_str(c->database.url, "postgresql://a:b;c@h1,h2/orderd?x=y");
    assert_str(c->feed.log_file, "/var/data/notifications.log");
    assert_int_equal(c->engine.max_batch, 7);
    od_conf_unref(c);
}

static void paths_are_relative_to_the_file_and_in_overrides_to_the_working_directory(void **state)
{
    (void)state;
    char here[4096];
    const char *const overrides[] = {"plugins.scripts=rules"};
    struct od_conf *c = accept("[plugins]\ndir = ../mine\nscripts = s\n", overrides, 1);
    char expected[8192];

    assert_non_null(getcwd(here, sizeof here));
    snprintf(expected, sizeof expected, "%s/conf/../mine", here);
    assert_str(c->plugins.dir, expected);
    snprintf(expected, sizeof expected, "%s/rules", here);
    assert_str(c->plugins.scripts, expected);
    od_conf_unref(c);
}

static void overrides_win_and_are_checked_alike(void **state)
{
    (void)state;
    const char *const overrides[] = {"server.listen=127.0.0.1:0",
                                     "engine.max_batch=1",
                                     "engine.max_batch=2",
                                     "policy.order.cancel=strict",
                                     "order_status.pending.badge=critical",
                                     "plugin.mail.from=a=b",
                                     "target.bus.kafka.security.protocol=ssl",
                                     "consumer.fraud.kafka.sasl.password=x"};
    struct od_conf *c = accept("[engine]\nmax_batch = 9\n", overrides, 8);
    struct od_str origin;

    assert_int_equal(c->server.listen.port, 0);
    assert_int_equal(c->engine.max_batch, 2);
    assert_str(od_conf_entry_find(c, OD_STR("policy"), OD_STR("order.cancel"), &origin), "strict");
    assert_str(origin, "-o policy.order.cancel");
    assert_str(od_conf_entry_find(c, OD_STR("order_status.pending"), OD_STR("badge"), NULL),
               "critical");
    assert_str(od_conf_entry_find(c, OD_STR("plugin.mail"), OD_STR("from"), NULL), "a=b");
    assert_str(od_conf_entry_find(c, OD_STR("target.bus"), OD_STR("kafka.security.protocol"), NULL),
               "ssl");
    assert_str(od_conf_entry_find(c, OD_STR("consumer.fraud"), OD_STR("kafka.sasl.password"), NULL),
               "x");
    od_conf_unref(c);

    refuse_override("engine.max_batch=0", "-o engine.max_batch", "1 to 10000");
    refuse_override("engine.max_bach=1", "-o engine.max_bach", "max_batch");
    refuse_override("nonsense", "-o nonsense", "section.key=value");
    refuse_override("=", "-o ", "section.key=value");
}

static void unknown_names_are_refused_with_the_nearest_known_one(void **state)
{
    (void)state;
    refuse("[server]\nlisten = 127.0.0.1:1\nmax_boddy_bytes = 1m\n", FILE_NAME ":3",
           "did you mean \"max_body_bytes\"");
    refuse("[sever]\nlisten = 127.0.0.1:1\n", FILE_NAME ":2", "did you mean \"server\"");
    refuse("[payment_status.paid]\nbage = success\n", FILE_NAME ":2", "did you mean \"badge\"");
    refuse("[zzzzzzzz]\nx = 1\n", FILE_NAME ":2", "unknown section \"zzzzzzzz\"");
    refuse("listen = 127.0.0.1:1\n", FILE_NAME ":1", "unknown section");
}

static void bad_values_are_refused_with_their_line(void **state)
{
    (void)state;
    refuse("[server]\nlisten = 127.0.0.1\n", FILE_NAME ":2", "127.0.0.1:8080");
    refuse("[server]\nlisten = shop.example:80\n", FILE_NAME ":2", "an address");
    refuse("[server]\nlisten = 127.0.0.1:65536\n", FILE_NAME ":2", "an address");
    refuse("[server]\nreuse_port = maybe\n", FILE_NAME ":2", "yes or no");
    refuse("[server]\n\nidle_timeout = 60\n", FILE_NAME ":3", "a duration");
    refuse("[server]\nidle_timeout = 9223372036854775807d\n", FILE_NAME ":2", "a duration");
    refuse("[server]\nidle_timeout = 1ms\n", FILE_NAME ":2", "100ms to 1h");
    refuse("[server]\nmax_body_bytes = 1t\n", FILE_NAME ":2", "a size");
    refuse("[server]\nmax_body_bytes = 1g\n", FILE_NAME ":2", "1k to 64m");
    refuse("[engine]\nmax_batch = 1.5\n", FILE_NAME ":2", "a whole number");
    refuse("[stock]\ntrack = some\n", FILE_NAME ":2", "all, known, none");
    refuse("[order]\ndefault_currency = euro\n", FILE_NAME ":2", "ISO 4217");
    refuse("[plugins]\ndir =\n", FILE_NAME ":2", "not empty");
    refuse("[plugins]\ndir = ${home}/x\n", FILE_NAME ":2", "${home}");
    refuse("[database]\nurl = mysql://x\n", FILE_NAME ":2", "postgresql://");
    refuse("[feed]\nretry_min = 2m\nretry_max = 1m\n", FILE_NAME ":2", "retry_max");
}

static void what_inih_would_misread_is_refused(void **state)
{
    (void)state;
    char longer[400] = "[database]\nurl = postgresql://";
    size_t used = strlen(longer);

    memset(longer + used, 'x', 220);
    longer[used + 220] = '\0';
    refuse(longer, FILE_NAME ":2", "197 bytes");
    refuse("[database]\nurl = postgresql://u:p ;w@h/d\n", FILE_NAME ":2", "cut the value");
    refuse("[server] listen = 1\n", FILE_NAME ":1", "nothing else");
    refuse("[server\n", FILE_NAME ":1", "nothing else");
    refuse("[shipment_status.a_code_that_is_much_too_long_for_it]\nname = X\n", FILE_NAME ":1",
           "49 bytes");
    refuse("[server]\nlisten\n", FILE_NAME ":2", "key = value");
    refuse("[server]\nreuse_port = yes\nreuse_port = no\n", FILE_NAME ":3",
           "set at " FILE_NAME ":2 already");
    refuse("[server]\nlisten = \xff\n", FILE_NAME ":2", "UTF-8");
}

static void the_first_of_several_errors_is_told(void **state)
{
    (void)state;
    refuse("[server]\nlisten\nbogus = 1\n", FILE_NAME ":2", "key = value");
    refuse("[server]\nbogus = 1\nlisten\n", FILE_NAME ":2", "bogus");
}

static void a_long_comment_is_no_long_line(void **state)
{
    (void)state;
    char text[400] = "# ";

    memset(text + 2, '-', 300);
    memcpy(text + 302, "\n[engine]\nmax_batch = 3\n", 25);
    struct od_conf *c = accept(text, NULL, 0);
    assert_int_equal(c->engine.max_batch, 3);
    od_conf_unref(c);
}

static void open_mode_is_refused_off_loopback(void **state)
{
    (void)state;
    refuse("[server]\nlisten = 0.0.0.0:80\n", FILE_NAME ":2", "auth");
    refuse("[server]\nlisten = [::]:80\n", FILE_NAME ":2", "auth");
    od_conf_unref(accept("[server]\nlisten = 0.0.0.0:80\n[auth]\nmode = keys\n", NULL, 0));
    od_conf_unref(accept("[server]\nlisten = localhost:80\n", NULL, 0));
}

static void a_defined_set_replaces_the_built_in_one_alone(void **state)
{
    (void)state;
    struct od_conf *c = accept("[payment_status.open]\ndefault = yes\n", NULL, 0);
    struct od_str origin;

    assert_null(od_conf_entry_find(c, OD_STR("payment_status.paid"), OD_STR("phase"), NULL).ptr);
    assert_non_null(
        od_conf_entry_find(c, OD_STR("order_status.pending"), OD_STR("default"), &origin).ptr);
    assert_true(od_str_starts_with(origin, OD_STR("built-in:")));
    od_conf_unref(c);
}

static void printing_names_origins_and_blots_out_passwords(void **state)
{
    (void)state;
    struct od_conf *c = accept("[database]\nurl = postgresql://u:se:cret@h/d?password=x&a=b\n"
                               "[plugin.psp]\nsecret = hush\n",
                               NULL, 0);
    struct od_buf b;

    od_buf_init(&b, 1 << 20);
    od_conf_print(c, &b);
    od_buf_char(&b, '\0');
    assert_non_null(strstr(b.ptr, "server.idle_timeout = 1m\n"));
    assert_non_null(
        strstr(b.ptr, "postgresql://u:***@h/d?password=***&a=b    # " FILE_NAME ":2\n"));
    assert_null(strstr(b.ptr, "se:cret"));
    assert_null(strstr(b.ptr, "hush"));
    od_buf_fini(&b);
    od_conf_unref(c);
}

static void keys_that_need_a_restart_are_named(void **state)
{
    (void)state;
    struct od_conf *a = accept("", NULL, 0);
    struct od_conf *b = accept("[server]\nlisten = 127.0.0.1:1\n[log]\nlevel = warn\n"
                               "[database]\nlanes = 3\n",
                               NULL, 0);
    struct od_arena arena;

    od_arena_init(&arena);
    assert_str(od_conf_restart_notes(a, b, &arena), "server.listen, database.lanes");
    assert_str(od_conf_restart_notes(a, a, &arena), "");
    od_arena_fini(&arena);
    od_conf_unref(a);
    od_conf_unref(b);
}

#define REFERENCE_BEGIN "# ---- keys\n"
#define REFERENCE_END   "\n# ---- rules\n"

/* With OD_UPDATE set, writes the reference anew instead. */
static void the_reference_file_is_what_the_table_says(void **state)
{
    (void)state;
    char *text = strndup(od_conf_builtin().ptr, od_conf_builtin().len);
    char *begin = strstr(text, REFERENCE_BEGIN), *end = strstr(text, REFERENCE_END);
    struct od_buf b;

    assert_non_null(begin);
    assert_non_null(end);
    begin += strlen(REFERENCE_BEGIN);
    od_buf_init(&b, 1 << 20);
    od_conf_reference(&b);
    if (getenv("OD_UPDATE")) {
        FILE *f = fopen(OD_SOURCE_DIR "/conf/orderd.ini", "w");
        assert_non_null(f);
        fprintf(f, "%.*s%.*s%s", (int)(begin - text), text, OD_STR_ARG(od_buf_view(&b)), end);
        fclose(f);
    } else {
        assert_int_equal(b.len, end - begin);
        assert_memory_equal(b.ptr, begin, b.len);
    }
    od_buf_fini(&b);
    free(text);
}

static void a_store_says_what_the_shop_does_not(void **state)
{
    (void)state;
    const char *const overrides[] = {"store.tokyo.order_status.pending=New",
                                     "store.tokyo.email=tokyo@example.org"};
    struct od_conf *c = accept("[shop]\nname = Shop Ltd\naddress = 1 Quay Street | Galway\n"
                               "email = shop@example.org\n"
                               "[store.tokyo]\ntitle = Tokyo\nname =\n",
                               overrides, 2);
    struct od_arena a;
    od_arena_init(&a);
    struct od_conf_shop_keys shop = od_conf_shop(c, OD_STR_NONE, &a);
    struct od_conf_shop_keys tokyo = od_conf_shop(c, OD_STR("tokyo"), &a);

    assert_true(od_str_is(shop.name, "Shop Ltd"));
    assert_true(od_str_is(shop.address, "1 Quay Street\nGalway"));
    assert_null(shop.bank.ptr);
    assert_null(tokyo.name.ptr);
    assert_true(od_str_is(tokyo.email, "tokyo@example.org"));
    assert_true(od_str_is(tokyo.address, "1 Quay Street\nGalway"));
    assert_str(od_conf_entry_find(c, OD_STR("store.tokyo"), OD_STR("order_status.pending"), NULL),
               "New");
    assert_true(od_str_is(od_conf_shop(c, OD_STR("elsewhere"), &a).name, "Shop Ltd"));
    od_arena_fini(&a);
    od_conf_unref(c);
}

/* Where the test runs there is no such file, but for those it makes. */
static void a_logo_is_a_file_that_can_be_shown(void **state)
{
    (void)state;
    char path[] = "/tmp/orderd-logo-XXXXXX.png", text[200];
    int fd = mkstemps(path, 4);
    struct od_arena a;

    assert_true(fd >= 0);
    snprintf(text, sizeof text, "[store.x]\nlogo = %s\n", path);
    struct od_conf *c = accept(text, NULL, 0);
    od_arena_init(&a);
    struct od_str logo = od_conf_shop(c, OD_STR("x"), &a).logo;
    assert_true(od_str_is(logo, path));
    assert_string_equal(od_conf_logo_type(logo), "image/png");
    od_arena_fini(&a);
    od_conf_unref(c);
    close(fd);
    unlink(path);

    refuse(text, FILE_NAME ":2", "cannot be read");
    refuse("[shop]\nname = x\nlogo = logo.gif\n", FILE_NAME ":3", ".png");
    refuse("[shop]\nlogo = nowhere.svg\n", FILE_NAME ":2", "cannot be read");
}

static void keys_of_stores_and_metadata_are_known(void **state)
{
    (void)state;
    refuse("[store.tokyo]\ncurency = JPY\n", FILE_NAME ":2", "did you mean \"currency\"");
    refuse("[store.tokyo]\norder_status. = x\n", FILE_NAME ":2", "unknown key");
    refuse("[metadata.gift]\ntypo = boolean\n", FILE_NAME ":2", "did you mean \"type\"");
    refuse("[metadata]\nstrikt = yes\n", FILE_NAME ":2", "did you mean \"strict\"");
    refuse("[shop]\naddres = x\n", FILE_NAME ":2", "did you mean \"address\"");
}

static void hosts_and_origins_are_what_headers_can_say(void **state)
{
    (void)state;
    static const char *const wrong_hosts[] = {
        "https://shop.example", "shop.example:443", "a/b", "[::1",
        "*.shop.example",       "shop.example."};
    static const char *const wrong_origins[] = {
        "shop.example",           "https://", "https://shop.example/",
        "https://shop.example:0", "://x",     "https://a:b"};
    struct od_conf *c =
        accept("[server]\nhosts = shop.example, a-b.c [2001:db8::1]\n"
               "origins = https://shop.example,http://localhost:3000 http://[::1]\n",
               NULL, 0);
    assert_str(c->server.hosts, "shop.example, a-b.c [2001:db8::1]");
    od_conf_unref(c);
    for (size_t i = 0; i < sizeof wrong_hosts / sizeof *wrong_hosts; i++) {
        char text[128];
        snprintf(text, sizeof text, "[server]\nhosts = shop.example %s\n", wrong_hosts[i]);
        refuse(text, FILE_NAME ":2", wrong_hosts[i]);
    }
    for (size_t i = 0; i < sizeof wrong_origins / sizeof *wrong_origins; i++) {
        char text[128];
        snprintf(text, sizeof text, "[server]\norigins = %s\n", wrong_origins[i]);
        refuse(text, FILE_NAME ":2", wrong_origins[i]);
    }
}

static void references_are_counted(void **state)
{
    (void)state;
    struct od_conf *c = accept("", NULL, 0);

    assert_ptr_equal(od_conf_ref(c), c);
    od_conf_unref(c);
    assert_int_equal(c->server.listen.port, 8080);
    od_conf_unref(c);
    od_conf_unref(NULL);
}

static void a_file_that_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    struct od_conf *c;
    struct od_err err = {0};

    assert_int_equal(od_conf_load("/nonexistent/x.ini", NULL, 0, &c, &err), -1);
    assert_string_equal(err.origin, "/nonexistent/x.ini");
    assert_int_equal(od_conf_load("/", NULL, 0, &c, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_is_the_defaults),
        cmocka_unit_test(every_type_is_read),
        cmocka_unit_test(paths_are_relative_to_the_file_and_in_overrides_to_the_working_directory),
        cmocka_unit_test(overrides_win_and_are_checked_alike),
        cmocka_unit_test(unknown_names_are_refused_with_the_nearest_known_one),
        cmocka_unit_test(bad_values_are_refused_with_their_line),
        cmocka_unit_test(what_inih_would_misread_is_refused),
        cmocka_unit_test(the_first_of_several_errors_is_told),
        cmocka_unit_test(a_long_comment_is_no_long_line),
        cmocka_unit_test(open_mode_is_refused_off_loopback),
        cmocka_unit_test(a_defined_set_replaces_the_built_in_one_alone),
        cmocka_unit_test(printing_names_origins_and_blots_out_passwords),
        cmocka_unit_test(keys_that_need_a_restart_are_named),
        cmocka_unit_test(the_reference_file_is_what_the_table_says),
        cmocka_unit_test(a_store_says_what_the_shop_does_not),
        cmocka_unit_test(a_logo_is_a_file_that_can_be_shown),
        cmocka_unit_test(keys_of_stores_and_metadata_are_known),
        cmocka_unit_test(hosts_and_origins_are_what_headers_can_say),
        cmocka_unit_test(references_are_counted),
        cmocka_unit_test(a_file_that_cannot_be_read_is_an_error),
    };
    return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
