#include "api/follow/follow.h"

#include "base/money.h"
#include "base/uuid.h"
#include "http/problem.h"
#include "order/ledger/event.h"
#include "order/show/render.h"

enum { TYPES_MAX = 64 };

static bool is_known(struct od_str type)
{
    struct od_str stem = type;
    if (od_str_ends_with(type, OD_STR(".*")))
        stem = od_str_slice(type, 0, type.len - 1);
    for (int t = 0; t < OD_EVENT_TYPES; t++) {
        struct od_str name = od_event_type_name((enum od_event_type)t);
        if (od_str_eq(name, type) || (stem.len < type.len && od_str_starts_with(name, stem)))
            return true;
    }
    return false;
}

static bool read_types(struct od_http_request *req, struct od_event_filter *out)
{
    struct od_str rest = od_http_query(req, "type"), type;
    out->types = OD_NEW_ARRAY(&req->arena, struct od_str, TYPES_MAX);
    while (rest.ptr && od_str_cut(&rest, ',', &type)) {
        type = od_str_trim(type);
        if (!is_known(type) || out->type_count == TYPES_MAX) {
            od_problem_sendf(req, 422, "bad_query",
                             "type: there is no event \"%.*s\"; name some as order.placed, or all "
                             "of a kind as shipment.*, with commas between them.",
                             OD_STR_ARG(type));
            return false;
        }
        out->types[out->type_count++] = type;
    }
    return true;
}

bool od_event_filter_read(struct od_http_request *req, struct od_event_filter *out)
{
    *out = (struct od_event_filter){
        .order = od_http_query(req, "order"),
        .store = od_http_query(req, "store"),
    };
    return read_types(req, out);
}

bool od_event_filter_any(const struct od_event_filter *f)
{
    return f->type_count || f->order.ptr || f->store.ptr;
}

static bool wants_type(const struct od_event_filter *f, enum od_event_type type)
{
    struct od_str name = od_event_type_name(type);
    for (size_t i = 0; i < f->type_count; i++) {
        struct od_str wanted = f->types[i];
        if (od_str_eq(wanted, name))
            return true;
        if (od_str_ends_with(wanted, OD_STR(".*")) &&
            od_str_starts_with(name, od_str_slice(wanted, 0, wanted.len - 1)))
            return true;
    }
    return f->type_count == 0;
}

static bool is_order(const struct od_tail_event *e, struct od_str ref)
{
    char uuid[OD_UUID_TEXT + 1];
    od_uuid_format(&e->uuid, uuid);
    return od_str_eq(ref, e->order_number) || od_str_eq_nocase(ref, od_str_of(uuid));
}

bool od_event_filter_wants(const struct od_event_filter *f, const struct od_tail_event *e)
{
    return wants_type(f, e->event.type) && (!f->order.ptr || is_order(e, f->order)) &&
           (!f->store.ptr || od_str_eq(f->store, e->store.ptr ? e->store : OD_STR("")));
}

void od_tail_event_write(struct od_json_writer *w, const struct od_tail_event *e)
{
    char place[OD_PLACE_TEXT], uuid[OD_UUID_TEXT + 1];
    od_place_format(&e->place, place);
    od_uuid_format(&e->uuid, uuid);
    od_jw_object(w);
    od_jw_key(w, "position");
    od_jw_cstr(w, place);
    od_jw_key(w, "orderId");
    od_jw_i64(w, e->event.order_id);
    od_jw_key(w, "uuid");
    od_jw_cstr(w, uuid);
    od_jw_key(w, "orderNumber");
    od_jw_str(w, e->order_number);
    od_jw_key(w, "store");
    od_jw_str(w, e->store);
    od_event_write_members(w, &e->event, e->bundle, od_currency_digits(e->currency));
    od_jw_object_end(w);
}
