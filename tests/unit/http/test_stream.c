#include "http/stream.h"
#include "harness.h"

/* Streams: answers that go on until they are ended. /later/:id parks the request for the test. */

static int gone, left;

static void on_gone(void *ctx)
{
    gone++;
    od_http_stream_end(ctx);
}

static void on_leave(void *ctx)
{
    struct od_http_request *req = ctx;
    left++;
    assert_true(od_http_stream_write(req, OD_STR("bye")));
    od_http_stream_end(req);
}

static struct od_http_request *begin(struct host *h, struct client *c, size_t max_unsent)
{
    struct od_http_conf conf = test_conf();
    gone = left = 0;
    host_start(h, &conf);
    client_open(c, h);
    client_send(c, "GET /later/0 HTTP/1.1\r\nHost: x\r\n\r\n");
    UNTIL(h, c->fd, h->parked_count == 1);
    struct od_http_request *req = h->parked[0];
    req->gone = on_gone;
    req->leave = on_leave;
    req->gone_ctx = req->leave_ctx = req;
    od_http_set_type(req, "text/event-stream");
    od_http_stream_begin(req, 200, max_unsent);
    return req;
}

static void pieces_leave_as_they_come_and_the_end_closes(void **state)
{
    (void)state;
    struct host h;
    struct client c;
    struct od_http_request *req = begin(&h, &c, 1000);
    client_expect(&c, &h, "\r\n\r\n");
    assert_true(client_has(&c, "Content-Type: text/event-stream\r\n"));
    assert_true(client_has(&c, "Connection: close\r\n"));
    assert_false(client_has(&c, "Content-Length"));
    for (int i = 0; i < 3; i++) {
        char piece[16];
        snprintf(piece, sizeof piece, "<%d>", i);
        assert_true(od_http_stream_write(req, od_str_of(piece)));
        client_expect(&c, &h, piece);
        assert_int_equal(od_http_stream_unsent(req), 0);
    }
    assert_true(od_http_stream_write(req, OD_STR("last")));
    od_http_stream_end(req);
    client_expect_end(&c, &h);
    assert_true(client_has(&c, "\r\n\r\n<0><1><2>last"));
    client_close(&c);
    UNTIL(&h, -1, od_http_server_metrics(h.server)->connections_open == 0);
    assert_int_equal(od_http_server_metrics(h.server)->requests_in_flight, 0);
    assert_int_equal(gone, 0);
    host_stop(&h);
}

static void what_a_slow_client_does_not_take_is_bounded_and_nothing_is_torn(void **state)
{
    (void)state;
    enum { PIECE = 4096, MAX = 1 << 20 };
    struct host h;
    struct client c;
    struct od_http_request *req = begin(&h, &c, MAX);
    static char piece[PIECE];
    size_t sent = 0, got = 0;
    memset(piece, 'x', sizeof piece);
    piece[PIECE - 1] = '\n';
    while (od_http_stream_write(req, od_str_n(piece, PIECE))) {
        sent += PIECE;
        assert_in_range(sent, 0, 256 << 20);
        turn(&h, -1);
    }
    assert_in_range(od_http_stream_unsent(req), MAX - PIECE, MAX);
    od_http_stream_end(req);
    while (!client_poll(&c) || c.len) {
        assert_false(c.reset);
        got += c.len;
        c.len = 0;
        turn(&h, c.fd);
        if (c.eof)
            break;
    }
    got += c.len;
    assert_in_range(got, sent + 1, sent + 1000); /* and the head */
    client_close(&c);
    host_stop(&h);
}

static void a_client_that_leaves_is_noticed(void **state)
{
    (void)state;
    struct host h;
    struct client c;
    struct od_http_request *req = begin(&h, &c, 1000);
    assert_true(od_http_stream_write(req, OD_STR("one")));
    client_expect(&c, &h, "one");
    client_close(&c);
    UNTIL(&h, -1, gone == 1);
    UNTIL(&h, -1, od_http_server_metrics(h.server)->connections_open == 0);
    assert_int_equal(od_http_server_metrics(h.server)->requests_in_flight, 0);
    host_stop(&h);
}

static void a_server_that_stops_lets_streams_say_good_bye(void **state)
{
    (void)state;
    struct host h;
    struct client c;
    begin(&h, &c, 1000);
    client_expect(&c, &h, "\r\n\r\n");
    od_http_server_drain(h.server, on_drained, &h);
    client_expect(&c, &h, "bye");
    client_expect_end(&c, &h);
    client_close(&c);
    UNTIL(&h, -1, h.drained);
    assert_int_equal(left, 1);
    assert_int_equal(gone, 0);
    od_http_server_free(h.server);
    od_http_router_free(h.router);
    assert_int_equal(uv_loop_close(&h.loop), 0);
}

static void earlier_requests_of_a_connection_are_answered_first(void **state)
{
    (void)state;
    struct host h;
    struct client c;
    struct od_http_conf conf = test_conf();
    host_start(&h, &conf);
    client_open(&c, &h);
    client_send(&c, "GET /later/0 HTTP/1.1\r\nHost: x\r\n\r\n"
                    "GET /later/1 HTTP/1.1\r\nHost: x\r\n\r\n");
    UNTIL(&h, c.fd, h.parked_count == 2);
    struct od_http_request *req = h.parked[1];
    od_http_stream_begin(req, 200, 1000);
    assert_true(od_http_stream_write(req, OD_STR("stream")));
    turn(&h, -1);
    assert_false(client_has(&c, "stream"));
    answer_parked(&h, 0);
    client_expect(&c, &h, "stream");
    assert_true(strstr(c.in, "<0>") < strstr(c.in, "stream"));
    od_http_stream_end(req);
    client_expect_end(&c, &h);
    client_close(&c);
    host_stop(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_leave_as_they_come_and_the_end_closes),
        cmocka_unit_test(what_a_slow_client_does_not_take_is_bounded_and_nothing_is_torn),
        cmocka_unit_test(a_client_that_leaves_is_noticed),
        cmocka_unit_test(a_server_that_stops_lets_streams_say_good_bye),
        cmocka_unit_test(earlier_requests_of_a_connection_are_answered_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
