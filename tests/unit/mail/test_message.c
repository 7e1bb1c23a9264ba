#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mail/header.h"
#include "mail/message.h"

/* What a mail looks like as bytes. That other programs read it so is shown by e2e/mail, with
 * mailparser. */

static struct od_buf out;

static int set_up(void **state)
{
    (void)state;
    od_buf_init(&out, 1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    od_buf_fini(&out);
    return 0;
}

static bool has(const char *part)
{
    return memmem(out.ptr, out.len, part, strlen(part)) != NULL;
}

static size_t count(const char *part)
{
    size_t n = 0;
    for (const char *p = out.ptr;
         (p = memmem(p, (size_t)(out.ptr + out.len - p), part, strlen(part))); p++)
        n++;
    return n;
}

static void written_is(const char *expected)
{
    od_buf_char(&out, '\0');
    assert_string_equal(out.ptr, expected);
}

/* Lines end in CRLF, hold ASCII alone, and are no longer than 78 bytes (RFC 5322, 2.1.1). */
static void lines_are_good(void)
{
    size_t column = 0;
    for (size_t i = 0; i < out.len; i++) {
        unsigned char c = (unsigned char)out.ptr[i];
        if (c == '\n') {
            assert_true(i > 0 && out.ptr[i - 1] == '\r');
            column = 0;
            continue;
        }
        assert_true(c != '\r' || out.ptr[i + 1] == '\n');
        assert_true(c == '\r' || c == '\t' || (c >= ' ' && c < 0x7f));
        assert_in_range(++column, 1, 79);
    }
}

static struct od_mail mail(void)
{
    return (struct od_mail){
        .id = OD_STR("0123456789@shop.example"),
        .date_us = INT64_C(1796000000) * 1000000,
        .from = {OD_STR("The Shop"), OD_STR("shop@shop.example")},
        .to = {OD_STR("Ada Lovelace"), OD_STR("ada@example.org")},
        .subject = OD_STR("Your order"),
        .text = OD_STR("Hello\n"),
    };
}

static void a_plain_mail_has_its_headers(void **state)
{
    (void)state;
    struct od_mail m = mail();
    od_mail_write(&m, &out);
    written_is("Date: Mon, 30 Nov 2026 00:53:20 +0000\r\n"
               "From: The Shop <shop@shop.example>\r\n"
               "To: Ada Lovelace <ada@example.org>\r\n"
               "Subject: Your order\r\n"
               "Message-ID: <0123456789@shop.example>\r\n"
               "Auto-Submitted: auto-generated\r\n"
               "X-Auto-Response-Suppress: All\r\n"
               "MIME-Version: 1.0\r\n"
               "Content-Type: text/plain; charset=utf-8\r\n"
               "Content-Transfer-Encoding: quoted-printable\r\n"
               "\r\n"
               "Hello\r\n");
}

static void the_same_mail_is_the_same_bytes(void **state)
{
    (void)state;
    const struct od_mail_file file = {OD_STR("a.html"), OD_STR("text/html"), OD_STR("<p>A</p>")};
    struct od_mail m = mail();
    m.html = OD_STR("<p>Hello</p>");
    m.files = &file;
    m.file_count = 1;
    od_mail_write(&m, &out);
    size_t half = out.len;
    od_mail_write(&m, &out);
    assert_int_equal(out.len, 2 * half);
    assert_memory_equal(out.ptr, out.ptr + half, half);
    lines_are_good();
}

static void long_quoted_names_are_folded(void **state)
{
    (void)state;
    struct od_mail m = mail();
    m.to.name = OD_STR("Dr. Ada Augusta King, Countess of Lovelace, and Mr. Charles \"Difference\" "
                       "Babbage, F.R.S., of the Society for the Analytical Engine, London, and "
                       "Messrs. Clement, Jarvis, Whitworth, and all the others");
    od_mail_write(&m, &out);
    lines_are_good();
    assert_true(has("\r\nTo: \"Dr. Ada Augusta King, Countess of Lovelace, and Mr. Charles\r\n"
                    " \\\"Difference\\\" Babbage, F.R.S., of the Society for the Analytical "));
    assert_true(has(" others\" <ada@example.org>\r\n") || has(" others\"\r\n <ada@example.org>"));
}

static void names_and_subjects_cannot_add_headers(void **state)
{
    (void)state;
    struct od_mail m = mail();
    m.to.name = OD_STR("Ada\r\nBcc: evil@example.net\r\n\r\nHello <evil@example.net>");
    m.subject = OD_STR("Order 1\r\nBcc: evil@example.net\n\rX: 1\x01\x7f");
    m.from.name = OD_STR("Shop\nX-Evil: 1, \"quoted\\");
    od_mail_write(&m, &out);
    assert_false(has("\nBcc:"));
    assert_false(has("\nX-Evil:"));
    assert_false(has("\nX:"));
    assert_int_equal(count("\nSubject: Order 1 Bcc: evil@example.net X: 1\r\n"), 1);
    assert_true(has("From: \"Shop X-Evil: 1, \\\"quoted\\\\\" <shop@shop.example>\r\n"));
    assert_true(has("To: \"Ada Bcc: evil@example.net Hello <evil@example.net>\" "
                    "<ada@example.org>\r\n"));
    lines_are_good();
}

static void names_beyond_ascii_are_encoded_words(void **state)
{
    (void)state;
    struct od_mail m = mail();
    m.to.name = OD_STR("Åsa Öberg");
    m.subject = OD_STR("ご注文ありがとうございます。ご注文の内容をお知らせいたします。"
                       "商品の発送まで、もうしばらくお待ちください。");
    od_mail_write(&m, &out);
    assert_true(has("To: =?utf-8?B?w4VzYSDDlmJlcmc=?= <ada@example.org>\r\n"));
    assert_true(has("Subject: =?utf-8?B?"));
    assert_true(has("?=\r\n =?utf-8?B?"));
    lines_are_good();
}

/* Each encoded word is whole characters (RFC 2047, 5). */
static void no_character_is_cut(void **state)
{
    (void)state;
    char text[400];
    for (size_t ascii = 0; ascii < 12; ascii++) {
        size_t len = 0;
        od_buf_reset(&out);
        while (len < ascii)
            text[len++] = 'a';
        while (len + 4 < sizeof text - 1) {
            memcpy(text + len, "\xf0\x9f\x8e\x81", 4);
            len += 4;
        }
        od_header_text(&out, "Subject", od_str_n(text, len));
        lines_are_good();
        od_buf_char(&out, '\0');
        for (const char *p = out.ptr; (p = strstr(p, "?B?")); p += 3) {
            const char *end = strstr(p + 3, "?=");
            assert_non_null(end);
            assert_int_equal((end - p - 3) % 4, 0);
        }
    }
}

static void what_is_no_text_is_a_question_mark(void **state)
{
    (void)state;
    od_header_text(&out, "Subject", OD_STR("a\xff\xc3g\xe2\x82"));
    written_is("Subject: a??g??\r\n");
}

static void what_looks_like_an_encoded_word_is_encoded(void **state)
{
    (void)state;
    od_header_text(&out, "Subject", OD_STR("=?utf-8?Q?Hi?="));
    assert_true(has("Subject: =?utf-8?"));
    assert_false(has("Q?Hi?="));
}

static void long_ascii_is_folded(void **state)
{
    (void)state;
    struct od_mail m = mail();
    m.subject = OD_STR("one two three four five six seven eight nine ten eleven twelve thirteen "
                       "fourteen fifteen sixteen seventeen eighteen nineteen twenty");
    od_mail_write(&m, &out);
    assert_true(has("eleven twelve\r\n thirteen"));
    lines_are_good();
}

static void bodies_are_quoted_printable(void **state)
{
    (void)state;
    struct od_mail m = mail();
    m.text = OD_STR(".hidden\n..\nFrom here\n1 + 1 = 2 \nÄ\ttab\t\r\n\n"
                    "A line that is so long that it has to be broken somewhere, and it is "
                    "broken where it does no harm.\nno end");
    od_mail_write(&m, &out);
    assert_true(has("\r\n=2Ehidden\r\n=2E.\r\n=46rom here\r\n1 + 1 =3D 2=20\r\n"
                    "=C3=84\ttab=09\r\n\r\n"));
    assert_true(has("no end\r\n"));
    assert_false(has("\r\n."));
    lines_are_good();
}

static void html_comes_after_its_text(void **state)
{
    (void)state;
    struct od_mail m = mail();
    m.html = OD_STR("<p class=\"x\">Grüße</p>");
    m.language = OD_STR("de");
    od_mail_write(&m, &out);
    assert_true(has("Content-Type: multipart/alternative;\r\n boundary=\"=_a_"));
    assert_true(has("Content-Language: de\r\n"));
    assert_true(has("<p class=3D\"x\">Gr=C3=BC=C3=9Fe</p>\r\n--=_a_"));
    lines_are_good();
    od_buf_char(&out, '\0');
    assert_true(strstr(out.ptr, "text/plain") < strstr(out.ptr, "text/html"));
    assert_int_equal(count("--=_a_"), 3); /* before each part, and the end */
}

static void files_are_attached(void **state)
{
    (void)state;
    const struct od_mail_file files[] = {
        {OD_STR("invoice-1.html"), OD_STR("text/html; charset=utf-8"), OD_STR("<h1>Invoice</h1>")},
        {OD_STR("Rechnung für \"Åsa\"\r\n.html"), OD_STR("text/html"), OD_STR("x")},
    };
    struct od_mail m = mail();
    m.html = OD_STR("<p>Hi</p>");
    m.files = files;
    m.file_count = 2;
    od_mail_write(&m, &out);
    assert_true(has("Content-Type: multipart/mixed;"));
    assert_true(has("Content-Disposition: attachment;\r\n filename=\"invoice-1.html\"\r\n"));
    assert_true(has("PGgxPkludm9pY2U8L2gxPg==\r\n"));
    assert_true(has(";\r\n filename*0*=utf-8''Rechnung%20f%C3%BCr%20%22%C3%85sa%22%20.html\r\n"));
    lines_are_good();
}

static void addresses_that_would_be_more_than_one_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "@",
        "ada",
        "ada@",
        "@example.org",
        "ada@example.org, evil@example.net",
        "ada@example.org>",
        "<ada@example.org>",
        "ada@example.org\r\nRCPT TO:<evil@example.net>",
        "ada\n@example.org",
        "ada @example.org",
        "\"ada b\"@example.org",
        "ada@example.org@example.net",
        "ada@exam ple.org",
        "ada..b@example.org",
        ".ada@example.org",
        "ada@example..org",
        "ada@example.org.",
        "ada@[127.0.0.1",
        "ada@[127.0.0.1>]",
        "ada\x7f@example.org",
        "ada\xff@example.org",
        "ada@example.org SIZE=1",
    };
    static const char *const good[] = {
        "ada@example.org", "ada+orders@example.co.uk", "o'brien@example.org", "ada@localhost",
        "ada@[127.0.0.1]", "ünïcode@example.org",      "ada@bücher.example",  "a_b-c.d@x-y.example",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(od_mail_address_valid(od_str_of(bad[i])));
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(od_mail_address_valid(od_str_of(good[i])));
    assert_false(od_mail_address_valid(OD_STR("a\0@example.org")));
}

static void a_mailbox_has_a_name_or_none(void **state)
{
    (void)state;
    struct od_mailbox m;
    struct od_err err;
    assert_int_equal(od_mailbox_read(OD_STR(" The Shop <shop@example.com> "), &m, &err), 0);
    assert_true(od_str_is(m.name, "The Shop"));
    assert_true(od_str_is(m.address, "shop@example.com"));
    assert_int_equal(od_mailbox_read(OD_STR("\"Shop, The\" <a@b.example>"), &m, &err), 0);
    assert_true(od_str_is(m.name, "Shop, The"));
    assert_int_equal(od_mailbox_read(OD_STR("a@b.example"), &m, &err), 0);
    assert_int_equal(m.name.len, 0);
    assert_int_equal(od_mailbox_read(OD_STR("Shop <>"), &m, &err), -1);
    assert_int_equal(od_mailbox_read(OD_STR("The\nShop <a@b.example>"), &m, &err), -1);
    assert_int_equal(od_mailbox_read(OD_STR("a@b.example, c@d.example"), &m, &err), -1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_plain_mail_has_its_headers),
        TEST(the_same_mail_is_the_same_bytes),
        TEST(long_quoted_names_are_folded),
        TEST(names_and_subjects_cannot_add_headers),
        TEST(names_beyond_ascii_are_encoded_words),
        TEST(no_character_is_cut),
        TEST(what_is_no_text_is_a_question_mark),
        TEST(what_looks_like_an_encoded_word_is_encoded),
        TEST(long_ascii_is_folded),
        TEST(bodies_are_quoted_printable),
        TEST(html_comes_after_its_text),
        TEST(files_are_attached),
        TEST(addresses_that_would_be_more_than_one_are_refused),
        TEST(a_mailbox_has_a_name_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
