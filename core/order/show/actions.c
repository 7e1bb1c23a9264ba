#include "order/show/actions.h"

#include "base/json/json.h"
#include "order/machine/command_kind.h"

struct od_action *od_order_actions(const struct od_decide_env *env, const struct od_order *o,
                                   struct od_str actor, const struct od_str *composites,
                                   uint32_t composite_count, uint32_t *count)
{
    struct od_action_list l = {.env = env,
                               .order = o,
                               .actor = actor,
                               .composites = composites,
                               .composite_count = composite_count};
    for (int type = 0; type < OD_COMMAND_TYPES; type++) {
        if (od_command_kinds[type]->actions)
            od_command_kinds[type]->actions(&l);
    }
    *count = (uint32_t)l.count;
    return l.actions;
}

static void write_member(struct od_json_writer *w, const char *key, struct od_str value)
{
    od_jw_key(w, key);
    od_jw_str(w, value);
}

/* The number of a part; 0: it is not about one. */
static void write_part(struct od_json_writer *w, const char *key, int32_t id)
{
    od_jw_key(w, key);
    if (id)
        od_jw_i64(w, id);
    else
        od_jw_null(w);
}

void od_action_write(struct od_json_writer *w, const struct od_action *a)
{
    od_jw_object(w);
    write_member(w, "command", a->command);
    od_jw_key(w, "composite");
    od_jw_bool(w, a->is_composite);
    write_member(w, "type", a->type);
    write_part(w, "shipmentId", a->shipment_id);
    write_part(w, "returnId", a->return_id);
    write_part(w, "changeId", a->change_id);
    write_member(w, "to", a->to);
    write_member(w, "handle", a->handle);
    write_member(w, "field", a->field);
    od_jw_key(w, "allowed");
    od_jw_bool(w, a->allowed);
    write_member(w, "code", a->code);
    write_member(w, "reason", a->reason);
    write_member(w, "policy", a->policy);
    write_member(w, "status", a->status);
    write_member(w, "paymentStatus", a->payment_status);
    write_member(w, "shipmentStatus", a->shipment_status);
    od_jw_object_end(w);
}
