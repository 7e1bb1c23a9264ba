#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "http/address/address.h"
#include "http/problem.h"
#include "http/router.h"
#include "http/uri.h"

#define assert_str(a, b)                                                                           \
    do {                                                                                           \
        struct od_str a_ = (a);                                                                    \
        assert_int_equal(a_.len, sizeof(b) - 1);                                                   \
        assert_memory_equal(a_.ptr, b, sizeof(b) - 1);                                             \
    } while (0)

static void handler(void *ctx, struct od_http_request *req)
{
    (void)ctx;
    (void)req;
}

static const char *route_of(struct od_http_router *router, struct od_http_request *req,
                            enum od_http_method method, const char *target)
{
    od_http_request_reset(req);
    req->method = method;
    assert_true(od_http_uri_parse(req, od_str_of(target)));
    struct od_http_match match = od_http_router_match(router, req);
    return match.route ? match.route->name : match.allow ? "405" : "404";
}

static void routes_match_by_segment(void **state)
{
    (void)state;
    struct od_http_router *router = od_http_router_new();
    struct od_http_request req;
    const struct od_http_route routes[] = {
        {.name = "root", .method = OD_HTTP_GET, .pattern = "/", .handler = handler},
        {.name = "list", .method = OD_HTTP_GET, .pattern = "/api/orders", .handler = handler},
        {.name = "place", .method = OD_HTTP_POST, .pattern = "/api/orders", .handler = handler},
        {.name = "order", .method = OD_HTTP_GET, .pattern = "/api/orders/:id", .handler = handler},
        {.name = "new", .method = OD_HTTP_GET, .pattern = "/api/orders/new", .handler = handler},
        {.name = "shipment",
         .method = OD_HTTP_PATCH,
         .pattern = "/api/orders/:id/shipments/:shipmentId",
         .handler = handler},
    };
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
        od_http_router_add(router, &routes[i]);
    od_http_router_alias(router, "/api/oms", "/api");
    od_http_request_init(&req);

    assert_string_equal(route_of(router, &req, OD_HTTP_GET, "/"), "root");
    assert_string_equal(route_of(router, &req, OD_HTTP_HEAD, "/api/orders"), "list");
    assert_string_equal(route_of(router, &req, OD_HTTP_POST, "/api/orders?x"), "place");
    assert_string_equal(route_of(router, &req, OD_HTTP_GET, "/api/orders/new"), "new");
    assert_string_equal(route_of(router, &req, OD_HTTP_GET, "/api/orders/"), "404");
    assert_string_equal(route_of(router, &req, OD_HTTP_GET, "/api/orders/1/x"), "404");
    assert_string_equal(route_of(router, &req, OD_HTTP_OTHER, "/api/orders/1"), "405");
    assert_string_equal(route_of(router, &req, OD_HTTP_GET, "/api"), "404");
    assert_string_equal(route_of(router, &req, OD_HTTP_PATCH, "/api/oms/orders/a%2Fb/shipments/7"),
                        "shipment");
    assert_str(od_http_param(&req, "id"), "a/b");
    assert_str(od_http_param(&req, "shipmentId"), "7");
    /* A literal that leads nowhere does not hide the parameter beside it. */
    assert_string_equal(route_of(router, &req, OD_HTTP_PATCH, "/api/orders/new/shipments/7"),
                        "shipment");
    od_http_request_fini(&req);
    od_http_router_free(router);
}

static void a_slash_at_the_end_is_another_path(void **state)
{
    (void)state;
    struct od_http_router *router = od_http_router_new();
    const struct od_http_route bare = {
        .name = "bare", .method = OD_HTTP_GET, .pattern = "/a", .handler = handler};
    const struct od_http_route slash = {
        .name = "slash", .method = OD_HTTP_GET, .pattern = "/a/", .handler = handler};
    od_http_router_add(router, &bare);
    assert_false(od_http_router_has(router, OD_HTTP_GET, "/a/"));
    od_http_router_add(router, &slash);
    assert_true(od_http_router_has(router, OD_HTTP_GET, "/a/"));
    assert_false(od_http_router_has(router, OD_HTTP_GET, "/a/b"));
    struct od_http_request req;
    od_http_request_init(&req);
    assert_string_equal(route_of(router, &req, OD_HTTP_GET, "/a"), "bare");
    assert_string_equal(route_of(router, &req, OD_HTTP_GET, "/a/"), "slash");
    assert_string_equal(route_of(router, &req, OD_HTTP_GET, "/a//"), "404");
    od_http_request_fini(&req);
    od_http_router_free(router);
}

static void a_pattern_is_there_whatever_its_parameters_are_called(void **state)
{
    (void)state;
    struct od_http_router *router = od_http_router_new();
    const struct od_http_route route = {
        .name = "one", .method = OD_HTTP_GET, .pattern = "/a/:id/b", .handler = handler};
    od_http_router_add(router, &route);
    assert_true(od_http_router_has(router, OD_HTTP_GET, "/a/:id/b"));
    assert_true(od_http_router_has(router, OD_HTTP_GET, "/a/:other/b"));
    assert_false(od_http_router_has(router, OD_HTTP_POST, "/a/:id/b"));
    assert_false(od_http_router_has(router, OD_HTTP_GET, "/a/:id"));
    assert_false(od_http_router_has(router, OD_HTTP_GET, "/a/id/b"));
    assert_false(od_http_router_has(router, OD_HTTP_GET, "/"));
    od_http_router_free(router);
}

static void note_request(void *ctx, struct od_http_request *req)
{
    *(struct od_http_request **)ctx = req;
}

static void the_fallback_is_asked_when_there_is_one(void **state)
{
    (void)state;
    struct od_http_router *router = od_http_router_new();
    struct od_http_request req, *asked = NULL;
    od_http_request_init(&req);
    assert_false(od_http_router_fall_back(router, &req));
    od_http_router_fallback(router, note_request, &asked);
    assert_true(od_http_router_fall_back(router, &req));
    assert_ptr_equal(asked, &req);
    od_http_request_fini(&req);
    od_http_router_free(router);
}

static void targets_are_decoded(void **state)
{
    (void)state;
    struct od_http_request req;
    od_http_request_init(&req);
    assert_true(od_http_uri_parse(&req, OD_STR("/a//%C3%a9+?q=x+%26y&flag&&q=2&=v&e=")));
    assert_int_equal(req.segment_count, 3);
    assert_int_equal(req.segments[1].len, 0);
    assert_str(req.segments[2], "\xc3\xa9+");
    assert_str(req.path, "/a//%C3%a9+");
    assert_int_equal(req.query_count, 5);
    assert_str(od_http_query(&req, "q"), "x &y");
    assert_str(od_http_query(&req, "flag"), "");
    assert_str(req.query[2].value, "2");
    assert_str(od_http_query(&req, "e"), "");
    assert_null(od_http_query(&req, "none").ptr);

    od_http_request_reset(&req);
    assert_true(od_http_uri_parse(&req, OD_STR("http://shop.example:80?a=1")));
    assert_str(req.path, "/");
    assert_str(od_http_query(&req, "a"), "1");

    static const char *const bad[] = {"",     "a",          "*",    "/%",    "/%4", "/%g1",
                                      "/%00", "/%ed%a0%80", "/a#b", "/a\tb", "x:y", "/?%zz=1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        od_http_request_reset(&req);
        assert_false(od_http_uri_parse(&req, od_str_of(bad[i])));
    }
    od_http_request_fini(&req);
}

static void hosts_are_checked(void **state)
{
    (void)state;
    assert_true(od_http_host_valid(OD_STR("shop.example:8080")));
    assert_true(od_http_host_valid(OD_STR("127.0.0.1")));
    assert_true(od_http_host_valid(OD_STR("[::1]:80")));
    assert_false(od_http_host_valid(OD_STR("")));
    assert_false(od_http_host_valid(OD_STR(":80")));
    assert_false(od_http_host_valid(OD_STR("[::1")));
    assert_false(od_http_host_valid(OD_STR("[]")));
    assert_false(od_http_host_valid(OD_STR("a:99999")));
    assert_false(od_http_host_valid(OD_STR("a/b")));
    assert_false(od_http_host_valid(OD_STR("a,b@c")));
}

static void addresses_are_read(void **state)
{
    (void)state;
    struct sockaddr_storage a;
    struct od_err err;
    char text[OD_HTTP_ADDRESS_TEXT];
    assert_int_equal(od_http_address_parse(OD_STR("[::1]:8080"), &a, &err), 0);
    assert_true(od_http_address_loopback(&a));
    od_http_address_format(&a, text);
    assert_string_equal(text, "[::1]:8080");
    assert_int_equal(od_http_address_parse(OD_STR("localhost:0"), &a, &err), 0);
    assert_true(od_http_address_loopback(&a));
    assert_int_equal(od_http_address_parse(OD_STR("0.0.0.0:80"), &a, &err), 0);
    assert_false(od_http_address_loopback(&a));
    static const char *const bad[] = {
        "",     ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80", "shop.example:80",
        "[]:80"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(od_http_address_parse(od_str_of(bad[i]), &a, &err), -1);
}

static void problems_carry_their_members(void **state)
{
    (void)state;
    struct od_buf b;
    const struct od_problem_error errors[] = {
        {OD_STR_INIT("/items/0/qty"), OD_STR_INIT("a \"q\"")}};
    const struct od_problem_member extra[] = {{"version", OD_STR_INIT("7")}};
    od_buf_init(&b, 4096);
    od_problem_write(&b, &(struct od_problem){.status = 422,
                                              .code = "invalid",
                                              .detail = OD_STR("One value."),
                                              .policy = OD_STR("order.cancel"),
                                              .errors = errors,
                                              .error_count = 1,
                                              .extra = extra,
                                              .extra_count = 1});
    assert_str(od_buf_view(&b),
               "{\"type\":\"/problems/invalid\",\"title\":\"Unprocessable Content\",\"status\":422,"
               "\"detail\":\"One value.\",\"code\":\"invalid\",\"errors\":[{\"pointer\":"
               "\"/items/0/qty\",\"detail\":\"a \\\"q\\\"\"}],\"policy\":\"order.cancel\","
               "\"version\":7}");
    od_buf_fini(&b);
}

static void latencies_fall_into_powers_of_two(void **state)
{
    (void)state;
    struct od_http_latency l = {0};
    od_http_latency_add(&l, 0);
    od_http_latency_add(&l, 1);
    od_http_latency_add(&l, 1000);
    od_http_latency_add(&l, INT64_MAX);
    assert_int_equal(l.bucket[0], 1);
    assert_int_equal(l.bucket[1], 1);
    assert_int_equal(l.bucket[10], 1);
    assert_int_equal(l.bucket[OD_HTTP_LATENCY_BUCKETS - 1], 1);
    assert_int_equal(l.count, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes_match_by_segment),
        cmocka_unit_test(a_slash_at_the_end_is_another_path),
        cmocka_unit_test(a_pattern_is_there_whatever_its_parameters_are_called),
        cmocka_unit_test(the_fallback_is_asked_when_there_is_one),
        cmocka_unit_test(targets_are_decoded),
        cmocka_unit_test(hosts_are_checked),
        cmocka_unit_test(addresses_are_read),
        cmocka_unit_test(problems_carry_their_members),
        cmocka_unit_test(latencies_fall_into_powers_of_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
