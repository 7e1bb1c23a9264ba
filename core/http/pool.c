#include <stdlib.h>

#include "http/conn.h"

/* Enough for a busy turn of the loop; with their buffers a few MB at most, trimmed as they age out.
 */
#define SPARE_REQUESTS 256
#define SPARE_CONNS    64

static void *must(void *ptr)
{
    if (!ptr)
        abort();
    return ptr;
}

struct od_http_request *od_http_request_take(struct od_http_server *server)
{
    struct od_list *node = od_list_shift(&server->spare_requests);
    struct od_http_request *req;
    if (node) {
        server->spare_request_count--;
        req = OD_LIST_ENTRY(node, struct od_http_request, node);
    } else {
        req = must(malloc(sizeof *req));
        od_http_request_init(req);
    }
    server->metrics.requests_in_flight++;
    req->server = server;
    req->body_out.max = server->conf.max_response_bytes;
    return req;
}

void od_http_request_give(struct od_http_request *req)
{
    struct od_http_server *server = req->server;
    server->metrics.requests_in_flight--;
    if (server->spare_request_count < SPARE_REQUESTS && !server->draining) {
        od_http_request_reset(req);
        od_list_push(server->spare_requests.next, &req->node);
        server->spare_request_count++;
    } else {
        od_http_request_fini(req);
        free(req);
    }
    od_http_host_check(server);
}

struct od_http_conn *od_http_conn_take(struct od_http_server *server)
{
    struct od_list *node = od_list_shift(&server->spare_conns);
    if (!node)
        return must(calloc(1, sizeof(struct od_http_conn)));
    server->spare_conn_count--;
    struct od_http_conn *conn = OD_LIST_ENTRY(node, struct od_http_conn, node);
    *conn = (struct od_http_conn){0};
    return conn;
}

void od_http_conn_give(struct od_http_conn *conn)
{
    struct od_http_server *server = conn->server;
    od_buf_fini(&conn->stash);
    if (server->spare_conn_count < SPARE_CONNS && !server->draining) {
        od_list_push(&server->spare_conns, &conn->node);
        server->spare_conn_count++;
    } else {
        free(conn);
    }
}

void od_http_pool_fini(struct od_http_server *server)
{
    for (struct od_list *node; (node = od_list_shift(&server->spare_requests));) {
        struct od_http_request *req = OD_LIST_ENTRY(node, struct od_http_request, node);
        od_http_request_fini(req);
        free(req);
    }
    for (struct od_list *node; (node = od_list_shift(&server->spare_conns));)
        free(OD_LIST_ENTRY(node, struct od_http_conn, node));
}
