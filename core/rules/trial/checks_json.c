#include "rules/trial/checks.h"
#include "base/buf.h"
#include "base/json/json.h"
#include "conf/conf.h"

static void write_str(struct od_json_writer *w, const char *key, struct od_str s)
{
    od_jw_key(w, key);
    od_jw_str(w, s.ptr ? s : OD_STR(""));
}

static void write_finding(struct od_json_writer *w, int level, const char *kind,
                          struct od_str inputs, const struct od_finding *f)
{
    if (level == OD_CONF_IGNORE)
        return;
    od_jw_object(w);
    write_str(w, "level", level == OD_CONF_REFUSE ? OD_STR("refuse") : OD_STR("warn"));
    write_str(w, "kind", od_str_of(kind));
    write_str(w, "subject", f->subject);
    write_str(w, "inputs", inputs);
    write_str(w, "text", f->text);
    od_jw_key(w, "count");
    od_jw_i64(w, f->count);
    od_jw_object_end(w);
}

void od_checks_json(const struct od_checks *c, const struct od_conf *conf, struct od_buf *out)
{
    struct od_json_writer w;
    struct od_arena arena;
    od_arena_init(&arena);
    od_jw_init(&w, out);
    od_jw_array(&w);
    for (uint32_t i = 0; i < c->tests.count; i++) {
        const struct od_test_result *t = &c->tests.results[i];
        struct od_finding f = {.subject = t->plugin, .text = t->message, .count = 1};
        struct od_str where = t->where.len ? t->where : t->origin;
        if (!t->passed)
            write_finding(
                &w, conf->check.level[OD_CONF_CHECK_TESTS], "tests",
                od_arena_printf(&arena, "%.*s at %.*s", OD_STR_ARG(t->name), OD_STR_ARG(where)),
                &f);
    }
    for (uint32_t i = 0; i < c->model.finding_count; i++) {
        const struct od_finding *f = &c->model.findings[i];
        write_finding(&w, conf->check.level[f->kind], od_finding_kind_name(f->kind), f->inputs, f);
    }
    od_jw_array_end(&w);
    od_arena_fini(&arena);
}
