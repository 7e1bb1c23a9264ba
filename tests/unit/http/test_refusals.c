#include "harness.h"

/* What a bad or slow client gets: the right status, a problem document, and the end. */

#define POST_HEAD "POST /echo HTTP/1.1\r\nHost: x\r\n"

struct refusal {
    const char *request;
    const char *status, *code;
};

static const struct refusal refusals[] = {
    {"garbage\r\n\r\n", "400 ", "malformed_request"},
    {"\x16\x03\x01", "400 ", "malformed_request"},
    {"GET /hello HTTP/1.1\r\n\r\n", "400 ", "bad_host"},
    {"GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "400 ", "bad_host"},
    {"GET /hello HTTP/1.1\r\nHost: a b\r\n\r\n", "400 ", "bad_host"},
    {"GET /hello HTTP/1.1\r\nHost: user@x\r\n\r\n", "400 ", "bad_host"},
    {"GET /hello HTTP/1.1\r\nHost:\r\n\r\n", "400 ", "bad_host"},
    {"GET /hello HTTP/1.1\nHost: x\r\n\r\n", "400 ", "malformed_request"},
    {"GET /hello HTTP/1.1\r\nHost: x\r\nA: b\r\n folded\r\n\r\n", "400 ", "malformed_request"},
    {"GET /hello HTTP/1.1\r\n Host: x\r\n\r\n", "400 ", "malformed_request"},
    {"GET /hello HTTP/1.1\r\nHost: x\r\nA:\rContent-Length: 5\r\n\r\n", "400 ",
     "malformed_request"},
    {"GET /hello HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n", "400 ", "malformed_request"},
    {POST_HEAD "Content-Length : 1\r\n\r\nx", "400 ", "malformed_request"},
    {POST_HEAD "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "400 ", "malformed_request"},
    {"GET /hello HTTP/1.1\r\nHost: x\r\nA: \x01\r\n\r\n", "400 ", "malformed_request"},
    {"GET /hello%zz HTTP/1.1\r\nHost: x\r\n\r\n", "400 ", "bad_target"},
    {"GET /hello%0 HTTP/1.1\r\nHost: x\r\n\r\n", "400 ", "bad_target"},
    {"GET /hello%00 HTTP/1.1\r\nHost: x\r\n\r\n", "400 ", "bad_target"},
    {"GET /hello%ff HTTP/1.1\r\nHost: x\r\n\r\n", "400 ", "bad_target"},
    {"GET /hello?q=%e0%80 HTTP/1.1\r\nHost: x\r\n\r\n", "400 ", "bad_target"},
    {"GET /hello HTTP/2.0\r\nHost: x\r\n\r\n", "505 ", "http_version_not_supported"},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505 ", "http_version_not_supported"},
    {"CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n", "501 ", "method_not_supported"},
    {POST_HEAD "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400 ",
     "malformed_request"},
    {POST_HEAD "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", "400 ",
     "malformed_request"},
    {POST_HEAD "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "400 ", "malformed_request"},
    {POST_HEAD "Content-Length: -1\r\n\r\n", "400 ", "malformed_request"},
    {POST_HEAD "Content-Length: 99999999999999999999\r\n\r\n", "400 ", "malformed_request"},
    {POST_HEAD "Content-Length: 65\r\n\r\n", "413 ", "body_too_large"},
    {POST_HEAD "Content-Length: 65\r\nExpect: 100-continue\r\n\r\n", "413 ", "body_too_large"},
    {POST_HEAD "Transfer-Encoding: chunked\r\n\r\n20\r\n01234567890123456789012345678901\r\n21\r\n"
               "012345678901234567890123456789012\r\n0\r\n\r\n",
     "413 ", "body_too_large"},
    {POST_HEAD "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "400 ", "malformed_request"},
    {POST_HEAD "Transfer-Encoding: gzip, chunked\r\n\r\n", "501 ", "transfer_coding_not_supported"},
    {POST_HEAD "Content-Length: 1\r\nExpect: tea\r\n\r\n", "417 ", "expectation_failed"},
    {"POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "400 ", "malformed_request"},
    {"GET /hello HTTP/1.1\r\nHost: x\r\nA: "
     "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567\r\n"
     "B: "
     "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567\r\n"
     "\r\n",
     "431 ", "headers_too_large"},
    {POST_HEAD
     "Transfer-Encoding: chunked\r\n\r\n0\r\nA: "
     "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567\r\n"
     "B: "
     "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567\r\n"
     "\r\n",
     "431 ", "headers_too_large"},
};

static void every_protocol_error_is_answered_and_ends_the_connection(void **state)
{
    (void)state;
    struct host h;
    struct od_http_conf conf = test_conf();
    conf.max_body_bytes = 64;
    conf.max_header_bytes = 160;
    host_start(&h, &conf);
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct client c;
        char line[32];
        client_open(&c, &h);
        client_send(&c, "GET /later/0 HTTP/1.1\r\nHost: x\r\n\r\n");
        client_send(&c, refusals[i].request);
        client_send(&c, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
        UNTIL(&h, c.fd, h.parked[0]);
        for (int k = 0; k < 3; k++)
            turn(&h, -1);
        answer_parked(&h, 0);
        snprintf(line, sizeof line, "<0>HTTP/1.1 %s", refusals[i].status);
        client_expect(&c, &h, line);
        client_expect(&c, &h, refusals[i].code);
        assert_true(client_has(&c, "Content-Type: application/problem+json\r\n"));
        assert_true(client_has(&c, "Connection: close\r\n"));
        client_expect_end(&c, &h);
        assert_int_equal(count_text(c.in, "HTTP/1.1 "), 2);
        client_close(&c);
    }
    host_stop(&h);
}

/* Sends a request on its own connection and expects a text in the answer. */
static void ask(struct host *h, const char *request, const char *expected)
{
    struct client c;
    client_open(&c, h);
    client_send(&c, request);
    client_expect(&c, h, expected);
    client_close(&c);
}

static void paths_and_methods_that_are_not_there(void **state)
{
    (void)state;
    struct host h;
    struct od_http_conf conf = test_conf();
    host_start(&h, &conf);
    ask(&h, "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found\r\n");
    ask(&h, "GET /hello/ HTTP/1.1\r\nHost: x\r\n\r\n", "404 Not Found\r\n");
    ask(&h, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\"code\":\"not_found\"");
    ask(&h, "DELETE /hello HTTP/1.1\r\nHost: x\r\n\r\n", "405 Method Not Allowed\r\n");
    ask(&h, "PROPFIND /hello HTTP/1.1\r\nHost: x\r\n\r\n", "Allow: GET, HEAD, OPTIONS\r\n");
    ask(&h, "OPTIONS /echo HTTP/1.1\r\nHost: x\r\n\r\n", "Allow: POST, OPTIONS\r\n\r\n");
    ask(&h, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "204 No Content\r\n");
    ask(&h, "GET http://x/hello?a=b HTTP/1.1\r\nHost: x\r\n\r\n", "200 OK\r\n");
    ask(&h, "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
        "200 OK\r\n");
    host_stop(&h);
}

static void bodies_of_another_type_are_refused(void **state)
{
    (void)state;
    struct host h;
    struct od_http_conf conf = test_conf();
    host_start(&h, &conf);
#define JSON_POST "POST /json HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
    ask(&h, JSON_POST "\r\n{}", "415 Unsupported Media Type\r\n");
    ask(&h, JSON_POST "Content-Type: text/plain\r\n\r\n{}", "415 ");
    ask(&h, JSON_POST "Content-Type: application/json; charset=latin1\r\n\r\n{}", "415 ");
    ask(&h, JSON_POST "Content-Type: application/x-ndjson\r\n\r\n{}", "415 ");
    ask(&h, JSON_POST "Content-Type: application/json\r\n\r\n{}", "\r\n\r\n{}");
    ask(&h, JSON_POST "Content-Type: Application/JSON ; charset=UTF-8\r\n\r\n{}", "\r\n\r\n{}");
    host_stop(&h);
}

/* Each body is one byte too long for everybody else. */
static void a_large_body_is_for_routes_that_take_one(void **state)
{
    (void)state;
    struct host h;
    struct od_http_conf conf = test_conf();
    conf.max_body_bytes = 4;
    conf.max_large_body_bytes = 8;
    host_start(&h, &conf);
    const struct od_http_route large = {
        "large", OD_HTTP_POST, "/large/:name", OD_HTTP_LARGE | OD_HTTP_ANY_TYPE, on_echo,
        NULL,    {0}};
    od_http_router_add(h.router, &large);
#define LARGE_POST "POST /large/x HTTP/1.1\r\nHost: x\r\n"
#define CHUNKED    "Transfer-Encoding: chunked\r\n\r\n"
    ask(&h, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345", "413 ");
    ask(&h, "POST /echo HTTP/1.1\r\nHost: x\r\n" CHUNKED "5\r\n12345\r\n0\r\n\r\n", "413 ");
    ask(&h, LARGE_POST "Content-Length: 8\r\n\r\n12345678", "\r\n\r\n12345678");
    ask(&h, LARGE_POST CHUNKED "8\r\n12345678\r\n0\r\n\r\n", "\r\n\r\n12345678");
    ask(&h, LARGE_POST "Content-Length: 9\r\n\r\n123456789", "413 ");
    ask(&h, LARGE_POST CHUNKED "9\r\n123456789\r\n0\r\n\r\n", "413 ");
    ask(&h, "GET /large/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345", "413 ");
#undef CHUNKED
#undef LARGE_POST
    host_stop(&h);
}

static void slow_senders_are_told_408(void **state)
{
    (void)state;
    struct host h;
    struct client head, body;
    struct od_http_conf conf = test_conf();
    conf.header_timeout_ms = conf.body_timeout_ms = 100;
    host_start(&h, &conf);
    client_open(&head, &h);
    client_open(&body, &h);
    client_send(&head, "GET /hello HTTP/1.1\r\nHost: x\r\n");
    client_send(&body, POST_HEAD "Content-Length: 10\r\n\r\n");
    /* Bytes that trickle in do not buy time. */
    int64_t until = od_clock_monotonic_us() + DEADLINE_US;
    while (!client_has(&head, "header_timeout") && od_clock_monotonic_us() < until) {
        (void)!send(head.fd, "A: b\r\n", 6, MSG_NOSIGNAL);
        turn(&h, head.fd);
    }
    client_expect(&head, &h, "408 Request Timeout");
    client_expect(&body, &h, "body_timeout");
    client_expect_end(&body, &h);
    client_close(&head);
    client_close(&body);
    host_stop(&h);
}

static void idle_and_deaf_connections_are_closed(void **state)
{
    (void)state;
    struct host h;
    struct client idle, deaf;
    struct od_http_conf conf = test_conf();
    conf.idle_timeout_ms = conf.write_timeout_ms = 100;
    host_start(&h, &conf);
    client_open(&idle, &h);
    client_open(&deaf, &h);
    client_send(&idle, "\r\n\r\n");
    client_send(&deaf, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
    client_expect_end(&idle, &h);
    assert_int_equal(idle.len, 0);
    UNTIL(&h, -1, od_http_server_metrics(h.server)->connections_open == 0);
    client_close(&idle);
    client_close(&deaf);
    host_stop(&h);
}

static void too_large_a_response_becomes_500(void **state)
{
    (void)state;
    struct host h;
    struct od_http_conf conf = test_conf();
    conf.max_response_bytes = 256;
    host_start(&h, &conf);
    char request[512];
    char body[301];
    memset(body, 'x', 300);
    body[300] = '\0';
    snprintf(request, sizeof request, POST_HEAD "Content-Length: 300\r\n\r\n%s", body);
    ask(&h, request, "500 Internal Server Error\r\n");
    host_stop(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_protocol_error_is_answered_and_ends_the_connection),
        cmocka_unit_test(paths_and_methods_that_are_not_there),
        cmocka_unit_test(bodies_of_another_type_are_refused),
        cmocka_unit_test(a_large_body_is_for_routes_that_take_one),
        cmocka_unit_test(slow_senders_are_told_408),
        cmocka_unit_test(idle_and_deaf_connections_are_closed),
        cmocka_unit_test(too_large_a_response_becomes_500),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
