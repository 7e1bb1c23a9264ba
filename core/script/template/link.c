#include "script/template/link.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "script/bundle/bundle.h"
#include "script/bundle/loaded.h"
#include "script/template/lua.h"
#include "script/template/printing.h"
#include "script/vm/vm.h"

/*
 * Templates while a bundle loads: each is checked (check.c), then one of each name is
 * chosen, and those are compiled into the state of every plugin that has one of them, for the parts
 * that a document includes run where it does. In a bundle that runs tests a plugin's own come first
 * there, then the default ones, so that the other plugins of a configuration change nothing.
 */

#define FOLDER       "templates/"
#define ENDING       ".html"
#define PLAIN_ENDING ".txt"

static const char environment_key; /* registry: the globals of the plugin's scripts */
static const char templates_key;   /* registry: name -> function, of the chosen templates */

bool od_template_name(struct od_str file, struct od_str *name)
{
    size_t folder = strlen(FOLDER), ending = strlen(ENDING);
    bool plain = od_template_is_plain(file);

    if (!od_str_starts_with(file, OD_STR(FOLDER)) || file.len <= folder + ending ||
        (!plain && !od_str_ends_with(file, OD_STR(ENDING))))
        return false;
    *name = od_str_slice(file, folder, plain ? file.len : file.len - ending);
    return true;
}

bool od_template_is_plain(struct od_str name)
{
    return od_str_ends_with(name, OD_STR(PLAIN_ENDING));
}

void l_template_keep_environment(lua_State *L)
{
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &environment_key);
}

/* The functions that templates have, for their chunk; each is a closure on its text. [-0, +9, m] */
static int l_push_functions(lua_State *L, const struct od_str *text)
{
    static const lua_CFunction all[] = {
#define FUNCTION(lua, c) l_template_##c,
        OD_TEMPLATE_FUNCTIONS(FUNCTION)
#undef FUNCTION
    };
    int n = sizeof all / sizeof all[0];

    for (int i = 0; i < n; i++) {
        lua_pushlightuserdata(L, (void *)text);
        lua_pushcclosure(L, all[i], 1);
    }
    return n;
}

static bool is_chosen(const struct od_registration *r)
{
    return r->offer.chosen;
}

/* Sets the template's function in the table at the top. [-0, +0, v] */
static void l_link_template(lua_State *L, const struct od_registration *r)
{
    const struct od_script_file *file = r->template;
    char name[LUA_IDSIZE + 1];

    snprintf(name, sizeof name, "%.*s/%.*s", OD_STR_ARG(r->offer.plugin), OD_STR_ARG(file->name));
    lua_pushlstring(L, r->offer.name.ptr, r->offer.name.len);
    l_template_compile(L, name, file->text);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &environment_key);
    lua_setupvalue(L, -2, 1);
    lua_call(L, l_push_functions(L, &file->text), 1);
    lua_rawset(L, -3);
}

static bool is_default(const struct od_registration *r)
{
    return od_str_is(r->offer.plugin, "default");
}

/* Sets those of one precedence. [-0, +0, v] */
static void l_link_some(lua_State *L, bool (*some)(const struct od_registration *r))
{
    const struct od_registrations *all = &od_bundle_of(L)->offers[OD_OFFER_TEMPLATE];

    for (uint32_t i = 0; i < all->count; i++)
        if (some ? some(all->all[i]) : all->all[i]->plugin == od_plugin_of(L))
            l_link_template(L, all->all[i]);
}

/* The argument: NULL unless it is for tests. */
static int l_link(lua_State *L)
{
    bool testing = lua_touserdata(L, 1) != NULL;

    lua_newtable(L);
    l_link_some(L, is_chosen);
    if (testing)
        l_link_some(L, is_default);
    if (testing)
        l_link_some(L, NULL);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &templates_key);
    return 0;
}

void l_push_template(lua_State *L, struct od_str name)
{
    struct od_err err;

    lua_rawgetp(L, LUA_REGISTRYINDEX, &templates_key);
    lua_pushlstring(L, name.ptr, name.len);
    if (lua_rawget(L, -2) == LUA_TFUNCTION) {
        lua_remove(L, -2);
        return;
    }
    od_template_unknown(od_bundle_of(L), name, &err);
    luaL_error(L, "%s", err.message);
}

static void add_template(struct od_script_plugin *p, const struct od_script_file *file,
                         struct od_str name)
{
    struct od_str origin = od_arena_printf(&p->bundle->arena, "%.*s/%.*s:1", OD_STR_ARG(p->name),
                                           OD_STR_ARG(file->name));

    od_registration_add(p, OD_OFFER_TEMPLATE, name, origin)->template = file;
}

static void list_templates(struct od_bundle *b)
{
    for (uint32_t i = 0; i < b->plugin_count; i++) {
        struct od_script_plugin *p = b->plugins[i];
        struct od_str name;

        for (uint32_t n = 0; n < p->source->file_count; n++)
            if (od_template_name(p->source->files[n].name, &name))
                add_template(p, &p->source->files[n], name);
    }
}

/* The configuration's choice, absent when it has none for the name. */
static const struct od_provider_choice *choice_of(const struct od_bundle_source *source,
                                                  struct od_str name)
{
    struct od_str prefix = OD_STR(OD_TEMPLATE_CHOICE);

    for (uint32_t i = 0; i < source->choice_count; i++) {
        struct od_str key = source->choices[i].question;
        if (od_str_starts_with(key, prefix) &&
            od_str_eq(od_str_slice(key, prefix.len, key.len), name))
            return &source->choices[i];
    }
    return NULL;
}

/* The one of that name which the plugin has; or NULL. */
static struct od_registration *template_of(struct od_bundle *b, struct od_str name,
                                           struct od_str plugin)
{
    const struct od_registrations *all = &b->offers[OD_OFFER_TEMPLATE];

    for (uint32_t i = 0; i < all->count; i++)
        if (od_str_eq(all->all[i]->offer.name, name) &&
            od_str_eq(all->all[i]->offer.plugin, plugin))
            return all->all[i];
    return NULL;
}

/* Every [policy] line on a template names one that its plugin has. */
static int check_choices(struct od_bundle *b, const struct od_bundle_source *source,
                         struct od_err *err)
{
    struct od_str prefix = OD_STR(OD_TEMPLATE_CHOICE);

    for (uint32_t i = 0; i < source->choice_count; i++) {
        const struct od_provider_choice *c = &source->choices[i];
        struct od_str name = od_str_slice(c->question, prefix.len, c->question.len);

        if (od_str_starts_with(c->question, prefix) && !template_of(b, name, c->plugin))
            return od_err_set_at(
                err, OD_ERR_CONFIG,
                c->origin.ptr ? od_arena_str(&b->arena, c->origin).ptr : "[policy]",
                "plugin '%.*s' is not loaded or has no templates/%.*s%s", OD_STR_ARG(c->plugin),
                OD_STR_ARG(name), od_template_is_plain(name) ? "" : ENDING);
    }
    return 0;
}

/* The one that replaces default's, else default's. `first` is the first with its name. */
static int choose(struct od_bundle *b, const struct od_bundle_source *source, uint32_t first,
                  struct od_err *err)
{
    const struct od_registrations *all = &b->offers[OD_OFFER_TEMPLATE];
    struct od_registration *chosen = all->all[first];
    struct od_str name = chosen->offer.name;
    const struct od_provider_choice *choice = choice_of(source, name);

    if (choice) {
        template_of(b, name, choice->plugin)->offer.chosen = true;
        return 0;
    }
    for (uint32_t i = first + 1; i < all->count; i++) {
        struct od_registration *r = all->all[i];
        if (!od_str_eq(r->offer.name, name))
            continue;
        if (!od_str_is(chosen->offer.plugin, "default"))
            return od_err_set_at(err, OD_ERR_SCRIPT, r->offer.origin.ptr,
                                 "there is a template %.*s here and at %s; say which in the "
                                 "configuration: [policy] " OD_TEMPLATE_CHOICE "%.*s = %.*s",
                                 OD_STR_ARG(name), chosen->offer.origin.ptr, OD_STR_ARG(name),
                                 OD_STR_ARG(r->offer.plugin));
        chosen = r;
    }
    chosen->offer.chosen = true;
    return 0;
}

static int choose_all(struct od_bundle *b, const struct od_bundle_source *source,
                      struct od_err *err)
{
    const struct od_registrations *all = &b->offers[OD_OFFER_TEMPLATE];

    for (uint32_t i = 0; i < all->count; i++) {
        bool first = true;
        for (uint32_t n = 0; n < i && first; n++)
            first = !od_str_eq(all->all[n]->offer.name, all->all[i]->offer.name);
        if (first && choose(b, source, i, err) != 0)
            return -1;
    }
    return 0;
}

static bool provides(const struct od_script_plugin *p, bool any)
{
    const struct od_registrations *all = &p->bundle->offers[OD_OFFER_TEMPLATE];

    for (uint32_t i = 0; i < all->count; i++)
        if (all->all[i]->plugin == p && (any || all->all[i]->offer.chosen))
            return true;
    return false;
}

int od_templates_link(struct od_bundle *b, const struct od_bundle_source *source,
                      struct od_err *err)
{
    void *testing = source->with_tests ? b : NULL;

    list_templates(b);
    if (od_template_includes_check(b, err) != 0)
        return -1;
    if (check_choices(b, source, err) != 0 || choose_all(b, source, err) != 0)
        return -1;
    for (uint32_t i = 0; i < b->plugin_count; i++) {
        struct od_script_plugin *p = b->plugins[i];
        struct od_vm_call call = {OD_VM_LOAD, b->limits.load_instructions, 0, &b->arena};

        if (provides(p, testing != NULL) && od_vm_run(&p->vm, &call, l_link, testing, err) != 0)
            return -1;
    }
    return 0;
}
