#include "cli/deliveries/rederived.h"

#include <inttypes.h>

#include "base/json/json.h"
#include "base/terminal/columns.h"

enum { SHOWN_MAX = 300, HASH_SHOWN = 12, GROUPS_MAX = 1000, AROUND = 40, COLUMNS = 80 };

static const char *const names[OD_REDERIVED_CHANGES] = {
    [OD_REDERIVED_CHANGED] = "changed",
    [OD_REDERIVED_NEW] = "new",
    [OD_REDERIVED_GONE] = "gone",
    [OD_REDERIVED_FAILS] = "fails",
};

static struct od_rederived_group *group_of(struct od_rederived *all,
                                           const struct od_rederived_group *what)
{
    for (size_t i = 0; i < all->group_count; i++) {
        struct od_rederived_group *g = &all->groups[i];
        if (g->change == what->change && od_str_eq(g->kind, what->kind) &&
            od_str_eq(g->target, what->target) && od_str_eq(g->topic, what->topic) &&
            od_str_eq(g->hook, what->hook) && od_str_eq(g->name, what->name))
            return g;
    }
    if (all->group_count == GROUPS_MAX)
        return NULL;
    all->groups = od_arena_grow(&all->arena, all->groups, all->group_count, &all->group_cap,
                                sizeof *all->groups);
    struct od_rederived_group *g = &all->groups[all->group_count++];
    *g = (struct od_rederived_group){
        .change = what->change,
        .kind = od_arena_str(&all->arena, what->kind),
        .target = od_arena_str(&all->arena, what->target),
        .topic = od_arena_str(&all->arena, what->topic),
        .hook = od_arena_str(&all->arena, what->hook),
        .name = od_arena_str(&all->arena, what->name),
    };
    return g;
}

/* The part of a text from `from` on that is shown. */
static struct od_str part_of(struct od_arena *a, struct od_str text, size_t from)
{
    if (!text.ptr)
        return text;
    size_t to = from + SHOWN_MAX < text.len ? from + SHOWN_MAX : text.len;
    while (to < text.len && ((unsigned char)text.ptr[to] & 0xc0) == 0x80)
        to++;
    return od_arena_printf(a, "%s%.*s%s", from ? "…" : "", OD_STR_ARG(od_str_slice(text, from, to)),
                           to < text.len ? "…" : "");
}

/* Where two texts begin to differ, a little before it; 0: near the beginning. */
static size_t differ_at(struct od_str x, struct od_str y)
{
    size_t i = 0;
    while (i < x.len && i < y.len && x.ptr[i] == y.ptr[i])
        i++;
    if (i < 2 * AROUND)
        return 0;
    i -= AROUND;
    while (i > 0 && ((unsigned char)x.ptr[i] & 0xc0) == 0x80)
        i--;
    return i;
}

void od_rederived_note(struct od_rederived *all, const struct od_rederived_group *what,
                       const struct od_rederived_sample *where)
{
    struct od_rederived_group *g = group_of(all, what);
    all->of[what->change]++;
    if (!g)
        return;
    g->count++;
    if (g->sample_count >= all->samples_max)
        return;
    size_t from = where->was.ptr && where->now.ptr ? differ_at(where->was, where->now) : 0;
    g->samples =
        od_arena_grow(&all->arena, g->samples, g->sample_count, &g->sample_cap, sizeof *g->samples);
    g->samples[g->sample_count++] = (struct od_rederived_sample){
        .order_id = where->order_id,
        .seq = where->seq,
        .was = part_of(&all->arena, where->was, from),
        .now = part_of(&all->arena, where->now, from),
    };
}

/* ---- for people */

static void print_body(FILE *out, const char *name, struct od_str body)
{
    if (body.ptr)
        od_wrap_body(out, COLUMNS, fprintf(out, "           %s:", name), 13, body);
}

static void print_group(const struct od_rederived_group *g, FILE *out)
{
    bool named = g->name.len && !od_str_eq(g->name, g->topic);
    fprintf(out, "%7" PRIu64 "  %-8s %-8.*s %-16.*s %.*s\n", g->count, names[g->change],
            OD_STR_ARG(g->kind), OD_STR_ARG(g->target), OD_STR_ARG(named ? g->name : g->topic));
    if (g->hook.len)
        fprintf(out, "         by hook %.*s\n", OD_STR_ARG(g->hook));
    for (size_t i = 0; i < g->sample_count; i++) {
        const struct od_rederived_sample *s = &g->samples[i];
        fprintf(out, "         order id:%" PRId64 ", event %d\n", s->order_id, s->seq);
        print_body(out, "was", s->was);
        print_body(out, "now", s->now);
    }
}

void od_rederived_print(const struct od_rederived *all, FILE *out)
{
    fprintf(out, "%" PRIu64 " events, shown to the targets and to the hooks of bundle %.*s\n",
            all->events, HASH_SHOWN, all->bundle);
    fprintf(out, "(%s). ", all->active ? "in service" : "of the configuration");
    fprintf(out, "Nothing was sent and no command was carried out.\n\n");
    fprintf(out, "same as sent: %" PRIu64, all->same);
    for (int c = 0; c < OD_REDERIVED_CHANGES; c++)
        fprintf(out, "   %s: %" PRIu64, names[c], all->of[c]);
    fprintf(out, "\n");
    if (all->partial)
        fprintf(out, "Deliveries of that time have been cleared away ([feed] keep_delivered),\n"
                     "so what was sent then looks new.\n");
    if (all->group_count)
        fprintf(out, "\n  COUNT  CHANGE   KIND     TARGET           WHAT\n");
    for (size_t i = 0; i < all->group_count; i++)
        print_group(&all->groups[i], out);
}

/* ---- for programs */

static void write_text(struct od_json_writer *w, const char *key, struct od_str text)
{
    od_jw_key(w, key);
    od_jw_str(w, text);
}

static void write_group(struct od_json_writer *w, const struct od_rederived_group *g)
{
    od_jw_object(w);
    od_jw_key(w, "change");
    od_jw_cstr(w, names[g->change]);
    write_text(w, "kind", g->kind);
    write_text(w, "target", g->target);
    write_text(w, "topic", g->topic);
    write_text(w, "hook", g->hook);
    write_text(w, "name", g->name);
    od_jw_key(w, "count");
    od_jw_i64(w, (int64_t)g->count);
    od_jw_key(w, "samples");
    od_jw_array(w);
    for (size_t i = 0; i < g->sample_count; i++) {
        od_jw_object(w);
        od_jw_key(w, "orderId");
        od_jw_i64(w, g->samples[i].order_id);
        od_jw_key(w, "seq");
        od_jw_i64(w, g->samples[i].seq);
        write_text(w, "was", g->samples[i].was);
        write_text(w, "now", g->samples[i].now);
        od_jw_object_end(w);
    }
    od_jw_array_end(w);
    od_jw_object_end(w);
}

void od_rederived_json(const struct od_rederived *all, struct od_buf *out)
{
    struct od_json_writer w;
    od_jw_init(&w, out);
    od_jw_object(&w);
    od_jw_key(&w, "bundle");
    od_jw_cstr(&w, all->bundle);
    od_jw_key(&w, "active");
    od_jw_bool(&w, all->active);
    od_jw_key(&w, "partial");
    od_jw_bool(&w, all->partial);
    od_jw_key(&w, "events");
    od_jw_i64(&w, (int64_t)all->events);
    od_jw_key(&w, "same");
    od_jw_i64(&w, (int64_t)all->same);
    for (int c = 0; c < OD_REDERIVED_CHANGES; c++) {
        od_jw_key(&w, names[c]);
        od_jw_i64(&w, (int64_t)all->of[c]);
    }
    od_jw_key(&w, "groups");
    od_jw_array(&w);
    for (size_t i = 0; i < all->group_count; i++)
        write_group(&w, &all->groups[i]);
    od_jw_array_end(&w);
    od_jw_object_end(&w);
}
