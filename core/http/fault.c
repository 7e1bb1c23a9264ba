#include "http/fault.h"

#include "base/assert.h"

static const struct od_http_fault_info table[OD_HTTP_FAULTS] = {
    [OD_HTTP_FAULT_MALFORMED] = {400, "malformed_request", "The request is not valid HTTP/1.1."},
    [OD_HTTP_FAULT_HOST] = {400, "bad_host", "Exactly one valid Host header is required."},
    [OD_HTTP_FAULT_TARGET] = {400, "bad_target",
                              "The request target must be percent-encoded UTF-8 without NUL."},
    [OD_HTTP_FAULT_HEADER_TIMEOUT] = {408, "header_timeout",
                                      "The request headers did not arrive in time."},
    [OD_HTTP_FAULT_BODY_TIMEOUT] = {408, "body_timeout",
                                    "The request body did not arrive in time."},
    [OD_HTTP_FAULT_BODY_SIZE] = {413, "body_too_large",
                                 "The request body exceeds the configured maximum."},
    [OD_HTTP_FAULT_EXPECT] = {417, "expectation_failed",
                              "The only expectation understood is 100-continue."},
    [OD_HTTP_FAULT_HEADER_SIZE] = {431, "headers_too_large",
                                   "The request headers exceed the configured maximum."},
    [OD_HTTP_FAULT_METHOD] = {501, "method_not_supported", "This server is not a proxy."},
    [OD_HTTP_FAULT_CODING] = {501, "transfer_coding_not_supported",
                              "The only transfer coding understood is chunked."},
    [OD_HTTP_FAULT_CONNECTIONS] = {503, "too_many_connections",
                                   "The server has as many connections as it may. Try again."},
    [OD_HTTP_FAULT_VERSION] = {505, "http_version_not_supported", "Use HTTP/1.1."},
};

const struct od_http_fault_info *od_http_fault_info(enum od_http_fault fault)
{
    OD_ASSERT(fault > OD_HTTP_FAULT_NONE && fault < OD_HTTP_FAULTS);
    return &table[fault];
}
