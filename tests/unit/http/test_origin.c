#include "harness.h"

#include "http/address/origin.h"
#include "http/conn.h"

/* Whose web page a request may come from. */

#define HOST    "Host: 127.0.0.1:8080\n"
#define CONTENT "Content-Type: "

struct sent {
    enum od_http_method method;
    const char *headers; /* "Name: value\n" each */
    enum od_http_foreign expected;
};

/* headers lives as long as the request. */
static void fill(struct od_http_request *req, enum od_http_method method, const char *headers)
{
    struct od_str rest = od_str_of(headers), line;
    size_t cap = 0;
    od_http_request_reset(req);
    req->method = method;
    while (od_str_cut(&rest, '\n', &line)) {
        struct od_str value = line, name;
        if (!line.len)
            continue;
        (void)od_str_cut(&value, ':', &name);
        req->headers =
            od_arena_grow(&req->arena, req->headers, req->header_count, &cap, sizeof *req->headers);
        req->headers[req->header_count++] = (struct od_http_pair){name, od_str_trim(value)};
    }
}

static void check(const struct od_http_origins *own, const struct sent *rows, size_t count)
{
    struct od_http_request req;
    od_http_request_init(&req);
    for (size_t i = 0; i < count; i++) {
        fill(&req, rows[i].method, rows[i].headers);
        enum od_http_method m = rows[i].method;
        const struct od_http_sender sender = {
            .safe = m == OD_HTTP_GET || m == OD_HTTP_HEAD || m == OD_HTTP_OPTIONS,
            .host = od_http_header(&req, "Host"),
            .origin = od_http_header(&req, "Origin"),
            .site = od_http_header(&req, "Sec-Fetch-Site"),
        };
        enum od_http_foreign got = od_http_foreign_check(own, OD_STR("10.1.2.3:8080"), &sender);
        if (got != rows[i].expected)
            fail_msg("%s with %s is \"%s\", not \"%s\"", od_http_method_name(rows[i].method),
                     rows[i].headers, od_http_foreign_name(got),
                     od_http_foreign_name(rows[i].expected));
    }
    od_http_request_fini(&req);
}

#define CHECK(own, rows) check((own), (rows), sizeof(rows) / sizeof *(rows))

static void a_host_must_be_a_name_of_this_server(void **state)
{
    (void)state;
    const struct od_http_origins own = {.hosts = OD_STR("shop.example.com, [2001:db8::1]")};
    const struct sent rows[] = {
        {OD_HTTP_GET, "Host: localhost\n", OD_HTTP_FOREIGN_NOT},
        {OD_HTTP_GET, "Host: LocalHost:8080\n", OD_HTTP_FOREIGN_NOT},
        {OD_HTTP_GET, "Host: localhost.:8080\n", OD_HTTP_FOREIGN_NOT},
        {OD_HTTP_GET, "Host: shop.localhost:8080\n", OD_HTTP_FOREIGN_NOT},
        {OD_HTTP_GET, "Host: 127.0.0.1\n", OD_HTTP_FOREIGN_NOT},
        {OD_HTTP_GET, "Host: 127.9.9.9:9\n", OD_HTTP_FOREIGN_NOT},
        {OD_HTTP_GET, "Host: [::1]:8080\n", OD_HTTP_FOREIGN_NOT},
        {OD_HTTP_GET, "Host: [0:0::1]\n", OD_HTTP_FOREIGN_NOT},
        {OD_HTTP_GET, "Host: 10.1.2.3\n", OD_HTTP_FOREIGN_NOT},
        {OD_HTTP_GET, "Host: SHOP.example.com:443\n", OD_HTTP_FOREIGN_NOT},
        {OD_HTTP_GET, "Host: [2001:db8::1]:8080\n", OD_HTTP_FOREIGN_NOT},
        {OD_HTTP_GET, "", OD_HTTP_FOREIGN_NOT},
        {OD_HTTP_GET, "Host: evil.example\n", OD_HTTP_FOREIGN_HOST},
        {OD_HTTP_HEAD, "Host: evil.example:8080\n", OD_HTTP_FOREIGN_HOST},
        {OD_HTTP_OPTIONS, "Host: evil.example:8080\n", OD_HTTP_FOREIGN_HOST},
        {OD_HTTP_POST, "Host: evil.example:8080\n", OD_HTTP_FOREIGN_HOST},
        {OD_HTTP_GET, "Host: evil.shop.example.com\n", OD_HTTP_FOREIGN_HOST},
        {OD_HTTP_GET, "Host: example.com\n", OD_HTTP_FOREIGN_HOST},
        {OD_HTTP_GET, "Host: notlocalhost\n", OD_HTTP_FOREIGN_HOST},
        {OD_HTTP_GET, "Host: localhost.evil.example\n", OD_HTTP_FOREIGN_HOST},
        {OD_HTTP_GET, "Host: 127.0.0.1.evil.example\n", OD_HTTP_FOREIGN_HOST},
        {OD_HTTP_GET, "Host: 127.0.0.1evil.example\n", OD_HTTP_FOREIGN_HOST},
        {OD_HTTP_GET, "Host: .localhost\n", OD_HTTP_FOREIGN_HOST},
        {OD_HTTP_GET, "Host: 10.1.2.4\n", OD_HTTP_FOREIGN_HOST},
        {OD_HTTP_GET, "Host: [2001:db8::2]\n", OD_HTTP_FOREIGN_HOST},
    };
    CHECK(&own, rows);
}

static void a_page_of_another_origin_may_not_act(void **state)
{
    (void)state;
    const struct od_http_origins own = {.hosts = OD_STR("shop.example.com"),
                                        .origins = OD_STR("https://shop.example,http://desk:3000")};
    const struct sent rows[] = {
        /* programs */
        {OD_HTTP_POST, HOST, OD_HTTP_FOREIGN_NOT},
        {OD_HTTP_DELETE, HOST, OD_HTTP_FOREIGN_NOT},
        /* this server's own pages */
        {OD_HTTP_POST, HOST "Origin: http://127.0.0.1:8080\nSec-Fetch-Site: same-origin\n",
         OD_HTTP_FOREIGN_NOT},
        {OD_HTTP_POST, "Host: shop.example.com\nOrigin: https://Shop.example.com\n",
         OD_HTTP_FOREIGN_NOT},
        {OD_HTTP_POST, "Host: shop.example.com:443\nOrigin: https://shop.example.com\n",
         OD_HTTP_FOREIGN_NOT},
        {OD_HTTP_POST, HOST "Sec-Fetch-Site: none\n", OD_HTTP_FOREIGN_NOT},
        /* configured ones */
        {OD_HTTP_POST, HOST "Origin: https://shop.example\nSec-Fetch-Site: cross-site\n",
         OD_HTTP_FOREIGN_NOT},
        {OD_HTTP_POST, HOST "Origin: http://desk:3000\n", OD_HTTP_FOREIGN_NOT},
        /* reading changes nothing, and the answer cannot be read */
        {OD_HTTP_GET, HOST "Origin: https://evil.example\nSec-Fetch-Site: cross-site\n",
         OD_HTTP_FOREIGN_NOT},
        /* others */
        {OD_HTTP_POST, HOST "Origin: https://evil.example\n", OD_HTTP_FOREIGN_ORIGIN},
        {OD_HTTP_PUT, HOST "Origin: https://evil.example\n", OD_HTTP_FOREIGN_ORIGIN},
        {OD_HTTP_PATCH, HOST "Origin: https://evil.example\n", OD_HTTP_FOREIGN_ORIGIN},
        {OD_HTTP_DELETE, HOST "Origin: https://evil.example\n", OD_HTTP_FOREIGN_ORIGIN},
        {OD_HTTP_OTHER, HOST "Origin: https://evil.example\n", OD_HTTP_FOREIGN_ORIGIN},
        {OD_HTTP_POST, HOST "Origin: null\n", OD_HTTP_FOREIGN_ORIGIN},
        {OD_HTTP_POST, HOST "Origin:\n", OD_HTTP_FOREIGN_ORIGIN},
        {OD_HTTP_POST, HOST "Origin: http://127.0.0.1:3000\n", OD_HTTP_FOREIGN_ORIGIN},
        {OD_HTTP_POST, HOST "Origin: http://127.0.0.1\n", OD_HTTP_FOREIGN_ORIGIN},
        {OD_HTTP_POST, HOST "Origin: http://127.0.0.1:8080.evil.example\n", OD_HTTP_FOREIGN_ORIGIN},
        {OD_HTTP_POST, HOST "Origin: ftp://127.0.0.1:8080\n", OD_HTTP_FOREIGN_ORIGIN},
        {OD_HTTP_POST, HOST "Origin: http://shop.example\n", OD_HTTP_FOREIGN_ORIGIN},
        {OD_HTTP_POST, HOST "Origin: https://shop.example.evil.example\n", OD_HTTP_FOREIGN_ORIGIN},
        {OD_HTTP_POST, "Host: shop.example.com:80\nOrigin: https://shop.example.com\n",
         OD_HTTP_FOREIGN_ORIGIN},
        {OD_HTTP_POST, "Origin: http://127.0.0.1:8080\n", OD_HTTP_FOREIGN_ORIGIN},
        {OD_HTTP_POST, HOST "Sec-Fetch-Site: cross-site\n", OD_HTTP_FOREIGN_SITE},
        {OD_HTTP_POST, HOST "Sec-Fetch-Site: same-site\n", OD_HTTP_FOREIGN_SITE},
        {OD_HTTP_POST, HOST "Origin: http://127.0.0.1:8080\nSec-Fetch-Site: cross-site\n",
         OD_HTTP_FOREIGN_SITE},
    };
    CHECK(&own, rows);
}

static void any_host_will_do_where_it_is_not_looked_at_but_not_any_origin(void **state)
{
    (void)state;
    const struct od_http_origins own = {.any_host = true};
    const struct sent rows[] = {
        {OD_HTTP_GET, "Host: evil.example\n", OD_HTTP_FOREIGN_NOT},
        {OD_HTTP_POST, "Host: shop.example\nOrigin: https://shop.example\n", OD_HTTP_FOREIGN_NOT},
        {OD_HTTP_POST, "Host: shop.example\nOrigin: https://evil.example\n",
         OD_HTTP_FOREIGN_ORIGIN},
    };
    CHECK(&own, rows);
}

static void forms_are_known_by_their_type(void **state)
{
    (void)state;
    static const char *const forms[] = {
        CONTENT "application/x-www-form-urlencoded\n",
        CONTENT "Text/Plain; charset=utf-8\n",
        CONTENT "multipart/form-data; boundary=x\n",
        CONTENT "text/ping\n",
        CONTENT "text/plain;application/json\n",
        CONTENT "text/plain\nAuthorization: Basic YTpi\n",
    };
    static const char *const others[] = {
        "",
        CONTENT "application/json\n",
        CONTENT "text/csv\n",
        CONTENT "text/plain\nX-Requested-With: fetch\n",
        CONTENT "text/plain\nAuthorization: Bearer od_1\n",
    };
    struct od_http_request req;
    od_http_request_init(&req);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        fill(&req, OD_HTTP_POST, forms[i]);
        assert_true(od_http_form_like(&req));
        fill(&req, OD_HTTP_GET, forms[i]);
        assert_false(od_http_form_like(&req));
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        fill(&req, OD_HTTP_POST, others[i]);
        assert_false(od_http_form_like(&req));
    }
    od_http_request_fini(&req);
}

static void no_route_is_reached_and_the_connection_goes_on(void **state)
{
    (void)state;
    struct host h;
    struct client c;
    struct od_http_conf conf = test_conf();
    conf.origins = (struct od_http_origins){.hosts = OD_STR("shop.example")};
    host_start(&h, &conf);
    client_open(&c, &h);
    client_send(&c, "GET /hello HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    client_expect(&c, &h, "\"code\":\"foreign_host\"");
    assert_non_null(strstr(c.in, "HTTP/1.1 403 "));
    assert_non_null(strstr(c.in, "evil.example"));
    client_forget(&c);
    client_send(&c, "POST /echo HTTP/1.1\r\nHost: shop.example\r\nOrigin: null\r\n"
                    "Content-Length: 2\r\n\r\nhi");
    client_expect(&c, &h, "\"code\":\"foreign_origin\"");
    client_forget(&c);
    client_send(&c, "POST /nowhere HTTP/1.1\r\nHost: shop.example\r\nSec-Fetch-Site: same-site\r\n"
                    "Content-Length: 0\r\n\r\n");
    client_expect(&c, &h, "\"code\":\"foreign_origin\"");
    client_forget(&c);
    client_send(&c, "POST /json HTTP/1.1\r\nHost: shop.example\r\nContent-Type: text/plain\r\n"
                    "Content-Length: 0\r\n\r\n");
    client_expect(&c, &h, "HTTP/1.1 415 ");
    client_expect(&c, &h, "Send no Content-Type");
    client_forget(&c);
    client_send(&c, "POST /json HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\n\r\n");
    client_expect(&c, &h, "HTTP/1.1 200 ");
    const struct od_http_metrics *m = od_http_server_metrics(h.server);
    assert_int_equal(m->foreign[OD_HTTP_FOREIGN_HOST], 1);
    assert_int_equal(m->foreign[OD_HTTP_FOREIGN_ORIGIN], 1);
    assert_int_equal(m->foreign[OD_HTTP_FOREIGN_SITE], 1);

    const struct od_http_origins others = {.hosts = OD_STR("evil.example")};
    od_http_server_set_origins(h.server, &others);
    client_forget(&c);
    client_send(&c, "GET /hello HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    client_expect(&c, &h, "HTTP/1.1 200 ");
    client_close(&c);
    host_stop(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_must_be_a_name_of_this_server),
        cmocka_unit_test(a_page_of_another_origin_may_not_act),
        cmocka_unit_test(any_host_will_do_where_it_is_not_looked_at_but_not_any_origin),
        cmocka_unit_test(forms_are_known_by_their_type),
        cmocka_unit_test(no_route_is_reached_and_the_connection_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
