#include "harness.h"

static void keep_alive_serves_several_requests(void **state)
{
    (void)state;
    struct host h;
    struct client c;
    struct od_http_conf conf = test_conf();
    host_start(&h, &conf);
    client_open(&c, &h);
    for (int i = 0; i < 3; i++) {
        client_send(&c, "GET /hello HTTP/1.1\r\nHost: x\r\nX-Request-Id: abc-1\r\n\r\n");
        client_expect(&c, &h, "\r\n\r\n{\"hello\":true}");
        assert_true(client_has(&c, "HTTP/1.1 200 OK\r\n"));
        assert_true(client_has(&c, "\r\nDate: "));
        assert_true(client_has(&c, "\r\nServer: orderd\r\n"));
        assert_true(client_has(&c, "\r\nContent-Length: 14\r\n"));
        assert_true(client_has(&c, "\r\nX-Request-Id: abc-1\r\n"));
        client_forget(&c);
    }
    assert_int_equal(od_http_server_metrics(h.server)->replies[2], 3);
    assert_int_equal(od_http_router_route(h.router, 0)->latency.count, 3);
    client_close(&c);
    host_stop(&h);
}

static void pipelined_replies_keep_the_order_of_requests(void **state)
{
    (void)state;
    struct host h;
    struct client c;
    struct od_http_conf conf = test_conf();
    host_start(&h, &conf);
    client_open(&c, &h);
    client_send(&c,
                "GET /later/0 HTTP/1.1\r\nHost: x\r\n\r\nGET /later/1 HTTP/1.1\r\nHost: x\r\n\r\n"
                "GET /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /later/2 HTTP/1.1\r\nHost: x\r\n\r\n");
    UNTIL(&h, c.fd, h.parked_count == 3);
    answer_parked(&h, 2);
    answer_parked(&h, 1);
    turn(&h, c.fd);
    client_poll(&c);
    assert_int_equal(c.len, 0);
    answer_parked(&h, 0);
    client_expect(&c, &h, "<2>");
    assert_true(strstr(c.in, "<0>") < strstr(c.in, "<1>"));
    assert_true(strstr(c.in, "<1>") < strstr(c.in, "hello"));
    assert_true(strstr(c.in, "hello") < strstr(c.in, "<2>"));
    client_close(&c);
    host_stop(&h);
}

static void a_full_pipeline_stops_reading_until_it_drains(void **state)
{
    (void)state;
    struct host h;
    struct client c;
    struct od_http_conf conf = test_conf();
    conf.max_pipeline = 4;
    host_start(&h, &conf);
    client_open(&c, &h);
    for (int i = 0; i < 20; i++) {
        char text[64];
        snprintf(text, sizeof text, "GET /later/%d HTTP/1.1\r\nHost: x\r\n\r\n", i);
        client_send(&c, text);
    }
    for (int i = 0; i < 20; i++) {
        UNTIL(&h, c.fd, h.parked[i]);
        assert_true(h.parked_count <= (size_t)i + 4);
        answer_parked(&h, i);
    }
    client_expect(&c, &h, "<19>");
    assert_int_equal(count_text(c.in, "200 OK"), 20);
    client_close(&c);
    host_stop(&h);
}

static void bytes_one_at_a_time_are_understood(void **state)
{
    (void)state;
    struct host h;
    struct client c;
    struct od_http_conf conf = test_conf();
    host_start(&h, &conf);
    client_open(&c, &h);
    const char *text = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
    for (const char *p = text; *p; p++) {
        assert_int_equal(send(c.fd, p, 1, MSG_NOSIGNAL), 1);
        uv_run(&h.loop, UV_RUN_NOWAIT);
    }
    client_expect(&c, &h, "{\"hello\":true}");
    assert_true(client_has(&c, "\r\n\r\nabcdeHTTP/1.1 200 OK"));
    client_close(&c);
    host_stop(&h);
}

static void head_gets_the_length_without_the_body(void **state)
{
    (void)state;
    struct host h;
    struct client c;
    struct od_http_conf conf = test_conf();
    host_start(&h, &conf);
    client_open(&c, &h);
    client_send(&c, "HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\nPOST /echo HTTP/1.1\r\nHost: x\r\n"
                    "Content-Length: 4\r\n\r\nlast");
    client_expect(&c, &h, "last");
    assert_true(client_has(&c, "Content-Length: 14\r\n\r\nHTTP/1.1 200"));
    client_close(&c);
    host_stop(&h);
}

static void expect_continue_is_told_to_go_on(void **state)
{
    (void)state;
    struct host h;
    struct client c;
    struct od_http_conf conf = test_conf();
    host_start(&h, &conf);
    client_open(&c, &h);
    client_send(&c, "GET /later/0 HTTP/1.1\r\nHost: x\r\n\r\nPOST /echo HTTP/1.1\r\nHost: x\r\n"
                    "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    UNTIL(&h, c.fd, h.parked_count == 1);
    answer_parked(&h, 0);
    client_expect(&c, &h, "<0>HTTP/1.1 100 Continue\r\n\r\n");
    client_send(&c, "body");
    client_expect(&c, &h, "\r\n\r\nbody");
    client_close(&c);
    host_stop(&h);
}

static void http_1_0_closes_unless_asked_not_to(void **state)
{
    (void)state;
    struct host h;
    struct client c;
    struct od_http_conf conf = test_conf();
    host_start(&h, &conf);
    client_open(&c, &h);
    client_send(&c, "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    client_expect(&c, &h, "Connection: keep-alive\r\n\r\n{\"hello\":true}");
    client_send(&c, "GET /hello HTTP/1.0\r\n\r\n");
    client_expect(&c, &h, "Connection: close\r\n\r\n{\"hello\":true}");
    client_expect_end(&c, &h);
    client_close(&c);
    host_stop(&h);
}

static void a_half_closed_client_still_gets_its_reply(void **state)
{
    (void)state;
    struct host h;
    struct client c;
    struct od_http_conf conf = test_conf();
    host_start(&h, &conf);
    client_open(&c, &h);
    client_send(&c, "GET /later/0 HTTP/1.1\r\nHost: x\r\n\r\nGET /la");
    shutdown(c.fd, SHUT_WR);
    UNTIL(&h, c.fd, h.parked_count == 1);
    for (int i = 0; i < 3; i++)
        turn(&h, -1);
    answer_parked(&h, 0);
    client_expect(&c, &h, "<0>");
    client_expect_end(&c, &h);
    client_close(&c);
    host_stop(&h);
}

static void on_gone(void *ctx)
{
    ++*(int *)ctx;
}

static void who_has_closed_a_half_is_let_go_after_a_while_and_the_handler_told(void **state)
{
    (void)state;
    struct host h;
    struct client c;
    int gone = 0;
    struct od_http_conf conf = test_conf();
    conf.half_timeout_ms = 100;
    host_start(&h, &conf);
    client_open(&c, &h);
    client_send(&c, "GET /later/0 HTTP/1.1\r\nHost: x\r\n\r\n");
    UNTIL(&h, c.fd, h.parked_count == 1);
    h.parked[0]->gone = on_gone;
    h.parked[0]->gone_ctx = &gone;
    shutdown(c.fd, SHUT_WR);
    UNTIL(&h, c.fd, gone == 1);
    assert_int_equal(od_http_server_metrics(h.server)->connections_open, 0);
    answer_parked(&h, 0);
    assert_int_equal(gone, 1);
    client_close(&c);
    host_stop(&h);
}

static void a_reply_after_the_client_has_gone_is_dropped(void **state)
{
    (void)state;
    struct host h;
    struct client c;
    struct od_http_conf conf = test_conf();
    struct linger reset = {.l_onoff = 1};
    host_start(&h, &conf);
    client_open(&c, &h);
    client_send(&c,
                "GET /later/0 HTTP/1.1\r\nHost: x\r\n\r\nGET /later/1 HTTP/1.1\r\nHost: x\r\n\r\n");
    UNTIL(&h, c.fd, h.parked_count == 2);
    answer_parked(&h, 1);
    setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    client_close(&c);
    UNTIL(&h, -1, od_http_server_metrics(h.server)->connections_open == 0);
    assert_int_equal(od_http_server_metrics(h.server)->requests_in_flight, 1);
    answer_parked(&h, 0);
    assert_int_equal(od_http_server_metrics(h.server)->requests_in_flight, 0);
    host_stop(&h);
}

static void what_came_while_the_process_stood_still_is_answered(void **state)
{
    (void)state;
    struct host h;
    struct client c;
    struct od_http_conf conf = test_conf();
    conf.idle_timeout_ms = 200;
    host_start(&h, &conf);
    client_open(&c, &h);
    client_send(&c, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client_expect(&c, &h, "hello");
    client_send(&c, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nagain");
    usleep(1000000); /* the loop does not run */
    client_expect(&c, &h, "again");
    client_expect_end(&c, &h); /* idle now */
    client_close(&c);
    host_stop(&h);
}

static void a_drain_finishes_what_is_under_way(void **state)
{
    (void)state;
    struct host h;
    struct client idle, busy;
    struct od_http_conf conf = test_conf();
    host_start(&h, &conf);
    client_open(&idle, &h);
    client_open(&busy, &h);
    client_send(&idle, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client_expect(&idle, &h, "hello");
    client_send(&busy, "GET /later/0 HTTP/1.1\r\nHost: x\r\n\r\n");
    UNTIL(&h, busy.fd, h.parked_count == 1);
    od_http_server_drain(h.server, on_drained, &h);
    assert_false(h.drained);
    client_expect_end(&idle, &h);
    assert_false(h.drained);
    answer_parked(&h, 0);
    client_expect(&busy, &h, "Connection: close\r\n\r\n<0>");
    client_expect_end(&busy, &h);
    client_close(&busy);
    client_close(&idle);
    UNTIL(&h, -1, h.drained);
    od_http_server_free(h.server);
    od_http_router_free(h.router);
    assert_int_equal(uv_loop_close(&h.loop), 0);
}

static void connections_past_the_maximum_get_503(void **state)
{
    (void)state;
    struct host h;
    struct client a, b;
    struct od_http_conf conf = test_conf();
    conf.max_connections = 1;
    host_start(&h, &conf);
    client_open(&a, &h);
    client_send(&a, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client_expect(&a, &h, "hello");
    client_open(&b, &h);
    client_send(&b, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client_expect(&b, &h, "too_many_connections");
    assert_true(client_has(&b, "503 Service Unavailable"));
    assert_true(client_has(&b, "Retry-After: 1\r\n"));
    client_expect_end(&b, &h);
    client_close(&a);
    client_close(&b);
    UNTIL(&h, -1, od_http_server_metrics(h.server)->connections_open == 0);
    client_open(&a, &h);
    client_send(&a, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client_expect(&a, &h, "{\"hello\":true}");
    client_close(&a);
    host_stop(&h);
}

static void a_large_reply_waits_for_a_slow_reader(void **state)
{
    (void)state;
    struct host h;
    struct client c;
    struct od_http_conf conf = test_conf();
    size_t got = 0;
    host_start(&h, &conf);
    client_open(&c, &h);
    client_send(&c, "GET /big HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    int64_t until = od_clock_monotonic_us() + DEADLINE_US;
    while (!client_has(&c, "{\"hello\":true}") && od_clock_monotonic_us() < until) {
        size_t keep = c.len < 200 ? c.len : 200;
        got += c.len - keep;
        memmove(c.in, c.in + c.len - keep, keep);
        c.len = keep;
        uv_run(&h.loop, UV_RUN_NOWAIT);
    }
    assert_true(client_has(&c, "{\"hello\":true}"));
    assert_in_range(got + c.len, (32 << 20) + 200, (32 << 20) + 500);
    client_close(&c);
    host_stop(&h);
}

static void a_second_server_can_share_the_port(void **state)
{
    (void)state;
    struct host h;
    struct od_http_conf conf = test_conf();
    struct od_err err;
    conf.reuse_port = true;
    host_start(&h, &conf);
    conf.listen = od_http_server_address(h.server);
    struct host other;
    host_start(&other, &conf);
    host_stop(&other);
    conf.reuse_port = false;
    struct od_http_server *refused = od_http_server_new(&h.loop, &conf, h.router);
    assert_int_equal(od_http_server_listen(refused, &err), -1);
    od_http_server_drain(refused, on_drained, &h);
    UNTIL(&h, -1, h.drained);
    od_http_server_free(refused);
    h.drained = false;
    host_stop(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keep_alive_serves_several_requests),
        cmocka_unit_test(pipelined_replies_keep_the_order_of_requests),
        cmocka_unit_test(a_full_pipeline_stops_reading_until_it_drains),
        cmocka_unit_test(bytes_one_at_a_time_are_understood),
        cmocka_unit_test(head_gets_the_length_without_the_body),
        cmocka_unit_test(expect_continue_is_told_to_go_on),
        cmocka_unit_test(http_1_0_closes_unless_asked_not_to),
        cmocka_unit_test(a_half_closed_client_still_gets_its_reply),
        cmocka_unit_test(who_has_closed_a_half_is_let_go_after_a_while_and_the_handler_told),
        cmocka_unit_test(a_reply_after_the_client_has_gone_is_dropped),
        cmocka_unit_test(what_came_while_the_process_stood_still_is_answered),
        cmocka_unit_test(a_drain_finishes_what_is_under_way),
        cmocka_unit_test(connections_past_the_maximum_get_503),
        cmocka_unit_test(a_large_reply_waits_for_a_slow_reader),
        cmocka_unit_test(a_second_server_can_share_the_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
