#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "feed/targets/mail/letter.h"

/* A delivery as the mail that leaves. How mails look as bytes is tested in unit/mail. */

static struct od_arena arena;
static struct od_envelope envelope;
static struct od_err err;

static int set_up(void **state)
{
    (void)state;
    od_arena_init(&arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    od_arena_fini(&arena);
    return 0;
}

#define PRINTED                                                                                    \
    "{\"id\":\"0123\",\"toName\":\"Ada\",\"subject\":\"S\",\"text\":\"T\",\"html\":\"<p>H</p>\"}"

static struct od_delivery delivery(const char *payload)
{
    return (struct od_delivery){
        .delivery_id = 7,
        .order_id = 1,
        .attempt = 1,
        .created_at = INT64_C(1796000000) * 1000000,
        .topic = OD_STR("order.placed"),
        .intent = OD_STR("mail"),
        .recipient = OD_STR("ada@example.org"),
        .name = OD_STR("told"),
        .payload = od_str_of(payload),
    };
}

static int letter(const struct od_delivery *d, size_t max)
{
    const struct od_letter_from from = {
        .from = {OD_STR("The Shop"), OD_STR("orders@shop.example")},
        .bcc = {OD_STR(""), OD_STR("archive@shop.example")},
        .owner = {OD_STR("The Operator"), OD_STR("ops@shop.example")},
    };
    od_err_clear(&err);
    return od_letter_read(d, &from, max, &arena, &envelope, &err);
}

static bool says(const char *part)
{
    return strstr(envelope.message.ptr, part) != NULL;
}

static void every_attempt_is_the_same_mail(void **state)
{
    (void)state;
    struct od_delivery d = delivery(PRINTED);
    assert_int_equal(letter(&d, 65536), 0);
    struct od_str first = envelope.message;
    d.attempt = 9;
    assert_int_equal(letter(&d, 65536), 0);
    assert_true(od_str_eq(first, envelope.message));
    assert_true(says("\r\nMessage-ID: <0123@shop.example>\r\n"));
    assert_string_equal(envelope.to.ptr, "ada@example.org");
    assert_string_equal(envelope.copy.ptr, "archive@shop.example");
}

static void a_mail_that_is_too_large_is_not_sent(void **state)
{
    (void)state;
    struct od_delivery d = delivery(PRINTED);
    assert_int_equal(letter(&d, 200), -1);
    assert_string_equal(err.message, "the mail is larger than max_size, 200 bytes");
}

static void a_recipient_is_one_address(void **state)
{
    (void)state;
    static const char *const bad[] = {"ada@example.org>\r\nRCPT TO:<evil@example.net",
                                      "ada@example.org,evil@example.net", "", "log"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct od_delivery d = delivery(PRINTED);
        d.recipient = od_str_of(bad[i]);
        assert_int_equal(letter(&d, 65536), -1);
        assert_string_equal(err.message, "the recipient is no e-mail address");
    }
}

static void what_was_never_printed_is_not_sent(void **state)
{
    (void)state;
    static const char *const payloads[] = {"{}", "{\"data\":{}}", "{\"id\":\"\",\"text\":\"T\"}",
                                           "{\"id\":7,\"text\":\"T\"}"};
    for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++) {
        struct od_delivery d = delivery(payloads[i]);
        assert_int_equal(letter(&d, 65536), -1);
        assert_non_null(strstr(err.message, "never printed"));
    }
    struct od_delivery d = delivery(PRINTED);
    d.intent = OD_STR("event");
    assert_int_equal(letter(&d, 65536), -1);
}

static void a_notice_goes_to_the_operator_alone(void **state)
{
    (void)state;
    struct od_delivery d =
        delivery("{\"subject\":\"Trouble\",\"text\":\"It broke.\",\"data\":{\"a\":1}}");
    d.intent = OD_STR("notify");
    d.recipient = OD_STR("mail");
    assert_int_equal(letter(&d, 65536), 0);
    assert_string_equal(envelope.to.ptr, "ops@shop.example");
    assert_int_equal(envelope.copy.len, 0);
    assert_true(says("\r\nSubject: Trouble\r\n"));
    assert_true(says("\r\n\r\nIt broke.\r\n\r\n{\"a\":1}\r\n"));
}

static void files_go_with_it(void **state)
{
    (void)state;
    struct od_delivery d =
        delivery("{\"id\":\"1\",\"subject\":\"S\",\"text\":\"T\",\"files\":[{\"name\":\"a.html\","
                 "\"type\":\"text/html\",\"content\":\"<p>\"}]}");
    assert_int_equal(letter(&d, 65536), 0);
    assert_true(says("filename=\"a.html\""));
    assert_true(says("\r\nPHA+\r\n"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_attempt_is_the_same_mail),      TEST(a_mail_that_is_too_large_is_not_sent),
        TEST(a_recipient_is_one_address),          TEST(what_was_never_printed_is_not_sent),
        TEST(a_notice_goes_to_the_operator_alone), TEST(files_go_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
