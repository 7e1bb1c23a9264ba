#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/client/public.h"

static bool is_public(const char *text)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
        return od_address_is_public((const struct sockaddr *)&four);
    assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
    return od_address_is_public((const struct sockaddr *)&six);
}

static void addresses_that_are_not_public_are_refused(void **state)
{
    static const char *const texts[] = {
        "0.0.0.0",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.1.2.3",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "fe80::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2001:1ff:ffff::1",
        "3fff::1",
        "::ffff:169.254.169.254",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (is_public(texts[i]))
            fail_msg("%s is taken for public", texts[i]);
    }
}

static void public_addresses_are_taken(void **state)
{
    static const char *const texts[] = {
        "1.1.1.1",     "9.255.255.255",        "11.0.0.0",        "100.63.255.255",
        "100.128.0.1", "126.255.255.255",      "128.0.0.1",       "172.15.255.255",
        "172.32.0.1",  "192.167.255.255",      "193.0.0.1",       "223.255.255.255",
        "2a00::1",     "2606:4700:4700::1111", "2001:4860::8888", "::ffff:8.8.8.8",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (!is_public(texts[i]))
            fail_msg("%s is refused", texts[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_that_are_not_public_are_refused),
        cmocka_unit_test(public_addresses_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
