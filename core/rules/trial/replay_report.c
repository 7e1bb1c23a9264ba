#include "rules/trial/replay_report.h"

/* Reasons may name the order, so that each is another one; what is beyond this is only counted. */
enum { GROUPS_MAX = 500, KEY_MAX = 4096 };

void od_replay_report_init(struct od_replay_report *r, uint32_t samples)
{
    *r = (struct od_replay_report){.samples = samples};
    od_arena_init(&r->arena);
    od_map_init(&r->keys);
}

void od_replay_report_fini(struct od_replay_report *r)
{
    od_map_fini(&r->keys);
    od_arena_fini(&r->arena);
}

const char *od_replay_difference_name(enum od_replay_difference kind)
{
    static const char *const names[OD_REPLAY_DIFFERENCES] = {
        [OD_REPLAY_STATUS] = "status",
        [OD_REPLAY_FINAL_STATUS] = "final_status",
        [OD_REPLAY_CANCEL_REFUSED] = "cancel_refused",
        [OD_REPLAY_NOW_CANCELABLE] = "now_cancelable",
        [OD_REPLAY_NO_MORE_CANCELABLE] = "no_more_cancelable",
        [OD_REPLAY_REFUSED] = "refused",
        [OD_REPLAY_ALLOWED] = "allowed",
        [OD_REPLAY_FORBIDDEN_MOVE] = "forbidden_move",
        [OD_REPLAY_NUMBER] = "number",
        [OD_REPLAY_FAILED] = "failed",
    };
    return names[kind];
}

const char *od_replay_notice_name(enum od_replay_notice_change change)
{
    static const char *const names[] = {"removed", "added", "changed"};
    return names[change];
}

const char *od_replay_skip_name(enum od_replay_skip skip)
{
    static const char *const names[OD_REPLAY_SKIPS] = {
        [OD_REPLAY_SKIP_HISTORICAL] = "historical",
        [OD_REPLAY_SKIP_EXPLICIT] = "explicit",
        [OD_REPLAY_SKIP_NOT_ASKED] = "notAsked",
        [OD_REPLAY_SKIP_NUMBER] = "number",
    };
    return names[skip];
}

static void count(struct od_replay_report *r, struct od_replay_tally *t,
                  const struct od_replay_sample *s)
{
    t->count++;
    if (t->last_order == s->order_id)
        return;
    t->last_order = s->order_id;
    t->orders++;
    if (t->sample_count >= r->samples)
        return;
    if (!t->samples)
        t->samples = OD_NEW_ARRAY(&r->arena, struct od_replay_sample, r->samples);
    struct od_replay_sample *kept = &t->samples[t->sample_count++];
    *kept = *s;
    kept->order_number = od_arena_str(&r->arena, s->order_number);
    kept->old = od_arena_str(&r->arena, s->old);
    kept->new_ = od_arena_str(&r->arena, s->new_);
}

static bool full(struct od_replay_report *r)
{
    if (r->keys.count < GROUPS_MAX)
        return false;
    r->ungrouped++;
    return true;
}

static bool has_status(enum od_replay_difference kind)
{
    return kind == OD_REPLAY_STATUS || kind == OD_REPLAY_FINAL_STATUS ||
           kind == OD_REPLAY_FORBIDDEN_MOVE;
}

static struct od_replay_group *add_group(struct od_replay_report *r, struct od_str key,
                                         const struct od_replay_found *f)
{
    struct od_replay_group *g = OD_NEW(&r->arena, struct od_replay_group);
    *g = (struct od_replay_group){
        .kind = f->kind,
        .status_kind = f->status_kind,
        .has_status = has_status(f->kind),
        .policy = od_arena_str(&r->arena, f->policy),
        .reason = od_arena_str(&r->arena, f->reason),
    };
    if (f->kind != OD_REPLAY_NUMBER) {
        g->old = od_arena_str(&r->arena, f->old);
        g->new_ = od_arena_str(&r->arena, f->new_);
    }
    r->groups = od_arena_grow(&r->arena, r->groups, r->group_count, &r->group_cap,
                              sizeof(struct od_replay_group *));
    r->groups[r->group_count++] = g;
    od_map_put(&r->keys, key, g);
    return g;
}

void od_replay_report_found(struct od_replay_report *r, const struct od_replay_found *f)
{
    char text[KEY_MAX];
    bool number = f->kind == OD_REPLAY_NUMBER;
    struct od_str none = OD_STR_NONE;
    struct od_str old = number ? none : f->old, new_ = number ? none : f->new_;
    struct od_str reason = f->kind == OD_REPLAY_FAILED ? f->reason : none;
    int n = snprintf(text, sizeof text, "%d %d %.*s\n%.*s\n%.*s\n%.*s", (int)f->kind,
                     (int)f->status_kind, OD_STR_ARG(old), OD_STR_ARG(new_), OD_STR_ARG(f->policy),
                     OD_STR_ARG(reason));
    struct od_str key = od_str_n(text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
    struct od_replay_group *g = od_map_get(&r->keys, key);
    if (!g && full(r))
        return;
    if (!g)
        g = add_group(r, od_arena_str(&r->arena, key), f);
    struct od_replay_sample s = {.order_id = f->order_id,
                                 .order_number = f->order_number,
                                 .seq = f->seq,
                                 .old = number ? f->old : none,
                                 .new_ = number ? f->new_ : none};
    count(r, &g->tally, &s);
}

static struct od_replay_status *status_of(struct od_replay_report *r, enum od_status_kind kind,
                                          struct od_str code)
{
    for (size_t i = 0; i < r->status_count; i++) {
        if (r->statuses[i].kind == kind && od_str_eq(r->statuses[i].code, code))
            return &r->statuses[i];
    }
    r->statuses = od_arena_grow(&r->arena, r->statuses, r->status_count, &r->status_cap,
                                sizeof(struct od_replay_status));
    r->statuses[r->status_count] =
        (struct od_replay_status){.kind = kind, .code = od_arena_str(&r->arena, code)};
    return &r->statuses[r->status_count++];
}

void od_replay_report_ended(struct od_replay_report *r, enum od_status_kind kind,
                            struct od_str recorded, struct od_str candidate)
{
    status_of(r, kind, recorded)->before++;
    status_of(r, kind, candidate)->after++;
}

static struct od_replay_notice *add_notice(struct od_replay_report *r, struct od_str key,
                                           const struct od_replay_notice *n)
{
    struct od_replay_notice *kept = OD_NEW(&r->arena, struct od_replay_notice);
    *kept = (struct od_replay_notice){
        .change = n->change,
        .topic = od_arena_str(&r->arena, n->topic),
        .kind = od_arena_str(&r->arena, n->kind),
        .name = od_arena_str(&r->arena, n->name),
    };
    r->notices = od_arena_grow(&r->arena, r->notices, r->notice_count, &r->notice_cap,
                               sizeof(struct od_replay_notice *));
    r->notices[r->notice_count++] = kept;
    od_map_put(&r->keys, key, kept);
    return kept;
}

void od_replay_report_notice(struct od_replay_report *r, const struct od_replay_notice *n,
                             const struct od_order *o)
{
    char text[KEY_MAX];
    int len = snprintf(text, sizeof text, "notice %d %.*s\n%.*s\n%.*s", (int)n->change,
                       OD_STR_ARG(n->topic), OD_STR_ARG(n->kind), OD_STR_ARG(n->name));
    struct od_str key = od_str_n(text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1);
    struct od_replay_notice *kept = od_map_get(&r->keys, key);
    if (!kept && full(r))
        return;
    if (!kept)
        kept = add_notice(r, od_arena_str(&r->arena, key), n);
    struct od_replay_sample s = {
        .order_id = o->order_id, .order_number = o->order_number, .seq = o->version};
    count(r, &kept->tally, &s);
}
