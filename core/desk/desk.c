#include "desk/desk.h"

#include "base/embed.h"
#include "desk/files.h"
#include "http/problem.h"
#include "http/reply.h"

static struct od_str packed(size_t offset, size_t length)
{
    return od_str_n(od_desk_files.pack + offset, length);
}

/* Whether the client names gzip and does not refuse it (RFC 9110, section 12.5.3). Weights other
 * than zero do not matter, because there is one choice. */
static bool takes_gzip(const struct od_http_request *req)
{
    struct od_str rest = od_http_header(req, "Accept-Encoding"), piece, name;
    while (od_str_cut(&rest, ',', &piece)) {
        (void)od_str_cut(&piece, ';', &name);
        if (!od_str_eq_nocase(od_str_trim(name), OD_STR("gzip")))
            continue;
        struct od_str weight = od_str_trim(piece);
        return !od_str_is(weight, "q=0") && !od_str_is(weight, "q=0.0") &&
               !od_str_is(weight, "q=0.00") && !od_str_is(weight, "q=0.000");
    }
    return false;
}

/* Whether If-None-Match names the tag, also as a weak one: a proxy that compressed the page made it
 * weak. */
static bool has_already(const struct od_http_request *req, struct od_str etag)
{
    struct od_str rest = od_http_header(req, "If-None-Match"), piece;
    while (od_str_cut(&rest, ',', &piece)) {
        piece = od_str_trim(piece);
        if (od_str_eq(od_str_slice(piece, 0, 2), OD_STR("W/")))
            piece = od_str_slice(piece, 2, piece.len);
        if (od_str_eq(piece, etag) || od_str_is(piece, "*"))
            return true;
    }
    return false;
}

static void send_file(struct od_http_request *req, const struct od_desk_file *file)
{
    bool gzip = takes_gzip(req);
    od_http_set_header(req, "Vary", OD_STR("Accept-Encoding"));
    od_http_set_header(req, "X-Content-Type-Options", OD_STR("nosniff"));
    if (gzip)
        od_http_set_header(req, "Content-Encoding", OD_STR("gzip"));
    od_http_reply(req, 200, file->type,
                  gzip ? packed(file->gzip_offset, file->gzip_length)
                       : packed(file->offset, file->length));
}

static void send_missing(struct od_http_request *req)
{
    od_http_set_header(req, "Cache-Control", OD_STR("no-store"));
    od_http_reply(req, 503, "text/plain; charset=utf-8", od_str_of(od_desk_files.missing));
}

static void get_page(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    (void)ctx, (void)who;
    if (od_desk_files.missing) {
        send_missing(req);
        return;
    }
    struct od_str etag = od_str_of(od_desk_files.etag);
    od_http_set_header(req, "ETag", etag);
    od_http_set_header(req, "Cache-Control", OD_STR("no-cache"));
    od_http_set_header(req, "Content-Security-Policy", od_str_of(od_desk_files.policy));
    od_http_set_header(req, "Referrer-Policy", OD_STR("no-referrer"));
    od_http_set_header(req, "Cross-Origin-Opener-Policy", OD_STR("same-origin"));
    if (has_already(req, etag))
        od_http_send(req, 304);
    else
        send_file(req, od_desk_files.page);
}

/* The address without its last slash, from which the page's own links would lead elsewhere. */
static void get_root(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    (void)ctx, (void)who;
    od_http_set_header(req, "Location", OD_STR("/desk/"));
    od_http_send(req, 308);
}

static void get_asset(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    (void)ctx, (void)who;
    struct od_str folder = od_http_param(req, "folder"), name = od_http_param(req, "file");
    struct od_str path = name;
    if (folder.ptr)
        path = od_arena_printf(&req->arena, "%.*s/%.*s", OD_STR_ARG(folder), OD_STR_ARG(name));
    for (size_t i = 0; i < od_desk_files.count; i++) {
        if (!od_str_is(path, od_desk_files.files[i].path))
            continue;
        /* The name changes with the content. */
        od_http_set_header(req, "Cache-Control", OD_STR("public, max-age=31536000, immutable"));
        send_file(req, &od_desk_files.files[i]);
        return;
    }
    /* A page of another version asks for its own files; it must not keep this answer. */
    od_http_set_header(req, "Cache-Control", OD_STR("no-store"));
    od_problem_sendf(req, 404, "not_found",
                     "This version of the desk has no such file. Load the page again.");
}

OD_EMBED(od_desk_text, "desk/desk.json");

static const struct od_api_route routes[] = {
    {"desk_root", OD_HTTP_GET, "/desk", 0, OD_PUBLIC, get_root},
    {"desk", OD_HTTP_GET, "/desk/", 0, OD_PUBLIC, get_page},
    {"desk_page", OD_HTTP_GET, "/desk/:page", 0, OD_PUBLIC, get_page},
    {"desk_subject", OD_HTTP_GET, "/desk/:page/:subject", 0, OD_PUBLIC, get_page},
    {"desk_file", OD_HTTP_GET, "/desk/assets/:file", 0, OD_PUBLIC, get_asset},
    {"desk_asset", OD_HTTP_GET, "/desk/assets/:folder/:file", 0, OD_PUBLIC, get_asset},
};

const struct od_api_chapter od_desk = OD_API_CHAPTER(routes, od_desk_text);
