#include "script/load/link.h"

#include <string.h>

#include "base/buf.h"
#include "script/bundle/bundle.h"
#include "script/bundle/loaded.h"
#include "script/bundle/questions.h"
#include "script/template/link.h"

/* Who answers what. */

static const struct od_registration *offer_of(const struct od_bundle *b, enum od_offer_kind kind,
                                              struct od_str name, struct od_str plugin)
{
    for (uint32_t i = 0; i < b->offers[kind].count; i++) {
        const struct od_registration *r = b->offers[kind].all[i];
        if (od_str_eq(r->offer.name, name) && od_str_eq(r->offer.plugin, plugin))
            return r;
    }
    return NULL;
}

/* Every [policy] line names a question and a loaded plugin that answers it. */
static int apply_choices(struct od_bundle *b, const struct od_bundle_source *source,
                         struct od_err *err)
{
    for (uint32_t i = 0; i < source->choice_count; i++) {
        const struct od_provider_choice *c = &source->choices[i];
        const char *origin = c->origin.ptr ? od_arena_str(&b->arena, c->origin).ptr : "[policy]";
        enum od_question q;

        if (od_str_starts_with(c->question, OD_STR(OD_TEMPLATE_CHOICE)))
            continue; /* od_templates_link looks at those */
        if (!od_question_parse(c->question, &q))
            return od_err_set_at(err, OD_ERR_CONFIG, origin, "there is no policy '%.*s'; known: %s",
                                 OD_STR_ARG(c->question), od_known_questions(&b->arena).ptr);
        b->providers[q] = offer_of(b, OD_OFFER_POLICY, c->question, c->plugin);
        if (!b->providers[q])
            return od_err_set_at(err, OD_ERR_CONFIG, origin,
                                 "plugin '%.*s' is not loaded or does not answer %.*s",
                                 OD_STR_ARG(c->plugin), OD_STR_ARG(c->question));
    }
    return 0;
}

/* The one plugin that replaces default's answer, else default's. */
static int choose(struct od_bundle *b, enum od_question q, struct od_err *err)
{
    const struct od_registrations *policies = &b->offers[OD_OFFER_POLICY];
    struct od_str name = od_question_name(q);
    const struct od_registration *chosen = b->defaults[q];
    bool replaced = false;

    for (uint32_t i = 0; i < policies->count; i++) {
        const struct od_registration *r = policies->all[i];
        if (!od_str_eq(r->offer.name, name) || r == b->defaults[q])
            continue;
        if (replaced)
            return od_err_set_at(err, OD_ERR_SCRIPT, r->offer.origin.ptr,
                                 "%.*s is answered here and at %s; say which in the configuration: "
                                 "[policy] %.*s = %.*s",
                                 OD_STR_ARG(name), chosen->offer.origin.ptr, OD_STR_ARG(name),
                                 OD_STR_ARG(r->offer.plugin));
        chosen = r;
        replaced = true;
    }
    if (!chosen && !od_question_optional(q))
        return od_err_set(err, OD_ERR_SCRIPT, "no loaded plugin answers %.*s", OD_STR_ARG(name));
    b->providers[q] = chosen;
    return 0;
}

/* Whether each path that fits one pattern fits the other: "/x/:a" and "/x/:b". */
static bool same_pattern(struct od_str x, struct od_str y)
{
    struct od_str a = OD_STR_NONE, b = OD_STR_NONE;

    while (x.len > 0 && y.len > 0) {
        od_str_cut(&x, '/', &a);
        od_str_cut(&y, '/', &b);
        bool parameters = od_str_starts_with(a, OD_STR(":")) && od_str_starts_with(b, OD_STR(":"));
        if (!parameters && !od_str_eq(a, b))
            return false;
    }
    return x.len == y.len;
}

/* A command's name, and a route's method with its pattern, mean one thing in a bundle. */
static bool same_offer(enum od_offer_kind kind, const struct od_offer *x, const struct od_offer *y)
{
    if (kind == OD_OFFER_ROUTE)
        return od_str_eq(x->method, y->method) && same_pattern(x->name, y->name);
    return od_str_eq(x->name, y->name);
}

static int check_unique(const struct od_bundle *b, enum od_offer_kind kind, struct od_err *err)
{
    static const char *const words[OD_OFFER_KINDS] = {
        [OD_OFFER_ROUTE] = "route",
        [OD_OFFER_COMMAND] = "command",
        [OD_OFFER_RECEIVER] = "receiver",
    };
    const struct od_registrations *list = &b->offers[kind];

    for (uint32_t i = 0; i < list->count; i++) {
        const struct od_offer *offer = &list->all[i]->offer;
        for (uint32_t j = 0; j < i; j++) {
            const struct od_offer *other = &list->all[j]->offer;
            if (!same_offer(kind, offer, other))
                continue;
            return od_err_set_at(err, OD_ERR_SCRIPT, offer->origin.ptr,
                                 "%s %.*s%s%.*s is registered here and at %s", words[kind],
                                 OD_STR_ARG(offer->method), offer->method.len ? " " : "",
                                 OD_STR_ARG(offer->name), other->origin.ptr);
        }
    }
    return 0;
}

/* A word of `provides`: a question, or "command:NAME". */
static bool is_provided(const struct od_bundle *b, struct od_str word, struct od_str plugin)
{
    struct od_str prefix = OD_STR("command:");

    if (od_str_starts_with(word, prefix))
        return offer_of(b, OD_OFFER_COMMAND, od_str_slice(word, prefix.len, word.len), plugin);
    return offer_of(b, OD_OFFER_POLICY, word, plugin);
}

/* Whether `provides` has the word, "command:" and what follows it in two parts. */
static bool is_listed(const struct od_plugin *p, const char *prefix, struct od_str name)
{
    struct od_str rest = p->provides, word;
    size_t len = strlen(prefix);

    while (od_str_cut(&rest, ',', &word)) {
        word = od_str_trim(word);
        if (od_str_starts_with(word, od_str_of(prefix)) &&
            od_str_eq(od_str_slice(word, len, word.len), name))
            return true;
    }
    return false;
}

static struct od_str join(struct od_arena *a, struct od_str list, struct od_str name)
{
    if (!list.ptr)
        return od_arena_str(a, name);
    return od_arena_printf(a, "%.*s, %.*s", OD_STR_ARG(list), OD_STR_ARG(name));
}

/* Appends the names of that kind that the plugin registers and does not list. */
static struct od_str add_unlisted(struct od_bundle *b, const struct od_plugin *p,
                                  enum od_offer_kind kind, const char *prefix, struct od_str list)
{
    for (uint32_t i = 0; i < b->offers[kind].count; i++) {
        const struct od_offer *offer = &b->offers[kind].all[i]->offer;
        if (od_str_eq(offer->plugin, p->name) && !is_listed(p, prefix, offer->name))
            list = join(&b->arena, list,
                        od_arena_printf(&b->arena, "%s%.*s", prefix, OD_STR_ARG(offer->name)));
    }
    return list;
}

/* When a plugin.ini has `provides`, it lists the questions the plugin answers and its commands, all
 * and no others. */
static int check_provides(struct od_bundle *b, const struct od_plugin *p, struct od_err *err)
{
    struct od_str rest = p->provides, word, unlisted;
    const char *origin = od_arena_printf(&b->arena, "%.*s/plugin.ini", OD_STR_ARG(p->name)).ptr;

    if (!p->provides.ptr)
        return 0;
    while (od_str_cut(&rest, ',', &word)) {
        word = od_str_trim(word);
        if (word.len > 0 && !is_provided(b, word, p->name))
            return od_err_set_at(err, OD_ERR_SCRIPT, origin,
                                 "provides %.*s, but no script of the plugin registers it",
                                 OD_STR_ARG(word));
    }
    unlisted = add_unlisted(b, p, OD_OFFER_POLICY, "", OD_STR_NONE);
    unlisted = add_unlisted(b, p, OD_OFFER_COMMAND, "command:", unlisted);
    if (unlisted.len > 0)
        return od_err_set_at(err, OD_ERR_SCRIPT, origin,
                             "the scripts register what provides does not list: %.*s",
                             OD_STR_ARG(unlisted));
    return 0;
}

/* The lists for od_bundle_offers. */
static void list_offers(struct od_bundle *b)
{
    struct od_registrations *policies = &b->offers[OD_OFFER_POLICY];

    for (uint32_t i = 0; i < policies->count; i++)
        for (int q = 0; q < OD_QUESTIONS; q++)
            policies->all[i]->offer.chosen |= policies->all[i] == b->providers[q];
    for (int kind = 0; kind < OD_OFFER_KINDS; kind++) {
        const struct od_registrations *from = &b->offers[kind];
        b->offer_lists[kind] = OD_NEW_ARRAY(&b->arena, struct od_offer, from->count);
        for (uint32_t i = 0; i < from->count; i++)
            b->offer_lists[kind][i] = from->all[i]->offer;
    }
}

int od_bundle_link(struct od_bundle *b, const struct od_bundle_source *source, struct od_err *err)
{
    for (uint32_t i = 0; i < source->plugin_count; i++)
        if (check_provides(b, &source->plugins[i], err) != 0)
            return -1;
    if (check_unique(b, OD_OFFER_COMMAND, err) != 0 || check_unique(b, OD_OFFER_ROUTE, err) != 0 ||
        check_unique(b, OD_OFFER_RECEIVER, err) != 0)
        return -1;
    for (int q = 0; q < OD_QUESTIONS; q++)
        b->defaults[q] =
            offer_of(b, OD_OFFER_POLICY, od_question_name((enum od_question)q), OD_STR("default"));
    if (apply_choices(b, source, err) != 0)
        return -1;
    for (int q = 0; q < OD_QUESTIONS; q++)
        if (!b->providers[q] && choose(b, (enum od_question)q, err) != 0)
            return -1;
    if (od_templates_link(b, source, err) != 0)
        return -1;
    list_offers(b);
    return 0;
}
