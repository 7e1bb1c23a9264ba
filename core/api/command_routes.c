#include "api/call.h"
#include "api/routes.h"

/* The routes of commands: each is a type and what stands in the path. */

#define HANDLER(name, type)                                                                        \
    static void handle_##name(void *ctx, struct od_http_request *req)                              \
    {                                                                                              \
        od_api_command(ctx, req, OD_COMMAND_##type);                                               \
    }
HANDLER(place, PLACE)
HANDLER(patch, PATCH)
HANDLER(cancel, CANCEL)
HANDLER(payment, PAYMENT)
HANDLER(create_shipment, CREATE_SHIPMENT)
HANDLER(update_shipment, UPDATE_SHIPMENT)
HANDLER(track, TRACK)
HANDLER(refund, REFUND)
HANDLER(create_return, CREATE_RETURN)
HANDLER(update_return, UPDATE_RETURN)
HANDLER(issue_invoice, ISSUE_INVOICE)
HANDLER(credit_invoice, CREDIT_INVOICE)
HANDLER(propose_change, PROPOSE_CHANGE)
HANDLER(confirm_change, CONFIRM_CHANGE)
HANDLER(discard_change, DISCARD_CHANGE)
HANDLER(hold, HOLD)
HANDLER(release, RELEASE)
HANDLER(add_activity, ADD_ACTIVITY)
HANDLER(composite, COMPOSITE)
HANDLER(set_inventory, SET_INVENTORY)
#undef HANDLER

void od_api_command_routes(struct od_api *api, struct od_http_router *router)
{
    static const struct {
        const char *name;
        enum od_http_method method;
        const char *pattern;
        void (*handler)(void *ctx, struct od_http_request *req);
    } routes[] = {
        {"place", OD_HTTP_POST, "/api/orders", handle_place},
        {"patch", OD_HTTP_PATCH, "/api/orders/:id", handle_patch},
        {"cancel", OD_HTTP_POST, "/api/orders/:id/cancel", handle_cancel},
        {"payment", OD_HTTP_POST, "/api/orders/:id/payments", handle_payment},
        {"create_shipment", OD_HTTP_POST, "/api/orders/:id/shipments", handle_create_shipment},
        {"update_shipment", OD_HTTP_PATCH, "/api/orders/:id/shipments/:shipmentId",
         handle_update_shipment},
        {"track", OD_HTTP_POST, "/api/orders/:id/track", handle_track},
        {"refund", OD_HTTP_POST, "/api/orders/:id/refunds", handle_refund},
        {"create_return", OD_HTTP_POST, "/api/orders/:id/returns", handle_create_return},
        {"update_return", OD_HTTP_PATCH, "/api/orders/:id/returns/:returnId", handle_update_return},
        {"issue_invoice", OD_HTTP_POST, "/api/orders/:id/invoices", handle_issue_invoice},
        {"credit_invoice", OD_HTTP_POST, "/api/orders/:id/invoices/credit", handle_credit_invoice},
        {"propose_change", OD_HTTP_POST, "/api/orders/:id/changes", handle_propose_change},
        {"confirm_change", OD_HTTP_POST, "/api/orders/:id/changes/:changeId/confirm",
         handle_confirm_change},
        {"discard_change", OD_HTTP_DELETE, "/api/orders/:id/changes/:changeId",
         handle_discard_change},
        {"hold", OD_HTTP_POST, "/api/orders/:id/holds", handle_hold},
        {"release", OD_HTTP_DELETE, "/api/orders/:id/holds/:handle", handle_release},
        {"add_activity", OD_HTTP_POST, "/api/orders/:id/activities", handle_add_activity},
        {"composite", OD_HTTP_POST, "/api/orders/:id/commands/:name", handle_composite},
        {"set_inventory", OD_HTTP_PUT, "/api/inventory/:sku", handle_set_inventory},
        {"exchange", OD_HTTP_POST, "/api/orders/:id/returns/:returnId/exchange", od_api_exchange},
    };
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        const struct od_http_route route = {
            .name = routes[i].name,
            .method = routes[i].method,
            .pattern = routes[i].pattern,
            .flags = OD_HTTP_JSON,
            .handler = routes[i].handler,
            .ctx = api,
        };
        od_http_router_add(router, &route);
    }
}
