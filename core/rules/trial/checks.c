#include "rules/trial/checks.h"

#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"

_Static_assert((int)OD_FINDING_KINDS == (int)OD_CONF_CHECK_TESTS,
               "[check] has a level for each kind of finding, then one for tests");

static int run_tests(const struct od_rules_source *source, const struct od_rules *rules,
                     struct od_arena *a, struct od_checks *out, struct od_err *err)
{
    const struct od_conf *conf = rules->conf;
    struct od_test_options options = {
        .defaults = true,
        .cpu_us = conf->check.time_ms * 1000,
        .track = rules->track,
        .currency = rules->default_currency,
    };
    if (conf->check.level[OD_CONF_CHECK_TESTS] == OD_CONF_IGNORE)
        return 0;
    int64_t start = od_clock_monotonic_us();
    if (od_bundle_test(&source->bundle, &source->limits, &options, a, &out->tests, err) != 0)
        return -1;
    out->tests_us = od_clock_monotonic_us() - start;
    return 0;
}

static void run_model(const struct od_rules *rules, struct od_arena *a, struct od_checks *out)
{
    const struct od_conf *conf = rules->conf;
    struct od_model_limits limits = {
        .max_states = (uint32_t)conf->check.max_states,
        .max_cpu_us = conf->check.time_ms * 1000,
    };
    uint32_t count;
    const struct od_offer *offers = od_bundle_offers(rules->bundle, OD_OFFER_COMMAND, &count);
    struct od_str *composites = OD_NEW_ARRAY(a, struct od_str, count + 1);
    for (uint32_t i = 0; i < count; i++)
        composites[i] = offers[i].name;
    int64_t start = od_clock_monotonic_us();
    od_model_check(&rules->policies, &rules->statuses, composites, count, &limits, a, &out->model);
    out->model_us = od_clock_monotonic_us() - start;
}

/* The findings of plugins at their loading join the model's, behind those of the same kind. */
static void add_plugins_findings(const struct od_rules *rules, struct od_arena *a,
                                 struct od_model_report *model)
{
    uint32_t count, n = 0, next = 0;
    const struct od_script_finding *said = od_bundle_findings(rules->bundle, &count);
    struct od_finding *all = OD_NEW_ARRAY(a, struct od_finding, model->finding_count + count + 1);
    for (int k = 0; k < OD_FINDING_KINDS; k++) {
        for (; next < model->finding_count && (int)model->findings[next].kind == k; next++)
            all[n++] = model->findings[next];
        for (uint32_t i = 0; i < count; i++) {
            enum od_finding_kind kind;
            if (!od_finding_kind_parse(said[i].kind, &kind) || (int)kind != k)
                continue;
            all[n++] = (struct od_finding){
                .kind = kind,
                .subject = od_arena_str(a, said[i].plugin),
                .inputs = od_arena_str(a, said[i].origin),
                .text = od_arena_str(a, said[i].text),
            };
        }
    }
    model->findings = all;
    model->finding_count = n;
}

static void say(struct od_checks *out, struct od_arena *a, bool refuses, struct od_str sentence)
{
    out->said = od_arena_grow(a, out->said, out->said_count, &out->said_cap, sizeof *out->said);
    out->said[out->said_count++] = (struct od_check_said){refuses, sentence};
}

static void count(struct od_checks *out, struct od_arena *a, int level, struct od_str sentence)
{
    switch ((enum od_conf_level)level) {
    case OD_CONF_IGNORE:
        out->ignored++;
        return;
    case OD_CONF_WARN:
        out->warnings++;
        say(out, a, false, sentence);
        return;
    case OD_CONF_REFUSE:
        if (out->refusals++ == 0)
            out->refusal = sentence;
        say(out, a, true, sentence);
        return;
    }
}

static void count_all(const struct od_conf *conf, struct od_arena *a, struct od_checks *out)
{
    for (uint32_t i = 0; i < out->tests.count; i++) {
        const struct od_test_result *t = &out->tests.results[i];
        if (!t->passed)
            count(out, a, conf->check.level[OD_CONF_CHECK_TESTS],
                  od_arena_printf(a, "The test \"%.*s\" fails at %.*s: %.*s", OD_STR_ARG(t->name),
                                  OD_STR_ARG(t->where.len ? t->where : t->origin),
                                  OD_STR_ARG(t->message)));
    }
    for (uint32_t i = 0; i < out->model.finding_count; i++) {
        const struct od_finding *f = &out->model.findings[i];
        count(out, a, conf->check.level[f->kind],
              od_arena_printf(a, "%s of %.*s: %.*s%s%.*s", od_finding_kind_name(f->kind),
                              OD_STR_ARG(f->subject), OD_STR_ARG(f->text),
                              f->inputs.len ? " In: " : "", OD_STR_ARG(f->inputs)));
    }
    /* Tests that nobody saw pass are no reason to refuse, nor to say nothing. */
    out->warnings += out->tests.out_of_time;
    if (out->tests.out_of_time)
        say(out, a, false,
            od_arena_printf(a, "Not all tests ran: [check] time = %.1fs was used up",
                            (double)conf->check.time_ms / 1000));
}

int od_checks_run(struct od_rules_source *source, const struct od_rules *rules, struct od_arena *a,
                  struct od_checks *out, struct od_err *err)
{
    /* Rules that write to the log, or fail, would do so for each of thousands of states; what they
     * do wrong is in the report. */
    enum od_log_level level = od_log_quiet(OD_LOG_NOTHING);
    *out = (struct od_checks){0};
    int rc = run_tests(source, rules, a, out, err);
    if (rc == 0)
        run_model(rules, a, out);
    od_log_quiet(level);
    if (rc != 0)
        return -1;
    add_plugins_findings(rules, a, &out->model);
    count_all(rules->conf, a, out);
    return 0;
}
