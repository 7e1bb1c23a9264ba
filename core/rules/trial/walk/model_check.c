#include "rules/trial/walk/walk.h"

#include <stdlib.h>

#include "base/clock.h"

static const char *const kind_names[OD_FINDING_KINDS] = {
    [OD_FINDING_POLICY_ERROR] = "policy_error",
    [OD_FINDING_UNKNOWN_STATUS] = "unknown_status",
    [OD_FINDING_FORBIDDEN_MOVE] = "forbidden_move",
    [OD_FINDING_DEAD_END] = "dead_end",
    [OD_FINDING_STUCK] = "stuck",
    [OD_FINDING_UNREACHABLE_STATUS] = "unreachable_status",
    [OD_FINDING_SHADOWED_RULE] = "shadowed_rule",
};

const char *od_finding_kind_name(enum od_finding_kind kind)
{
    return kind_names[kind];
}

bool od_finding_kind_parse(struct od_str name, enum od_finding_kind *out)
{
    for (int i = 0; i < OD_FINDING_KINDS; i++) {
        if (!od_str_is(name, kind_names[i]))
            continue;
        *out = (enum od_finding_kind)i;
        return true;
    }
    return false;
}

bool od_model_out_of_time(struct od_model *m)
{
    bool over = od_clock_thread_us() >= m->deadline_us;
    m->report->truncated = m->report->truncated || over;
    return over;
}

static int compare(const void *a, const void *b)
{
    const struct od_finding *x = a, *y = b;
    int c = (x->kind > y->kind) - (x->kind < y->kind);
    c = c ? c : od_str_cmp(x->subject, y->subject);
    c = c ? c : od_str_cmp(x->text, y->text);
    return c ? c : od_str_cmp(x->inputs, y->inputs);
}

static void list_findings(struct od_model *m)
{
    struct od_model_report *r = m->report;
    r->finding_count = (uint32_t)m->note_count;
    r->findings = OD_NEW_ARRAY(m->arena, struct od_finding, m->note_count + 1);
    for (uint32_t i = 0; i < r->finding_count; i++)
        r->findings[i] = m->notes[i]->finding;
    qsort(r->findings, r->finding_count, sizeof *r->findings, compare);
}

void od_model_check(const struct od_policies *policies, const struct od_status_sets *statuses,
                    const struct od_str *composites, uint32_t composite_count,
                    const struct od_model_limits *limits, struct od_arena *a,
                    struct od_model_report *out)
{
    *out = (struct od_model_report){0};
    struct od_model m = {
        .inner = policies,
        .statuses = statuses,
        .composites = composites,
        .composite_count = policies->run ? composite_count : 0,
        .max_states = limits->max_states ? limits->max_states : 20000,
        .arena = a,
        .report = out,
    };
    struct od_model_walk w = {.m = &m};
    int64_t start_us = od_clock_thread_us();
    int64_t max_us = limits->max_cpu_us ? limits->max_cpu_us : 30000000;
    od_arena_init(&m.working);
    od_arena_init(&m.scratch);
    od_map_init(&m.stock);
    od_map_init(&m.notes_known);
    od_model_watch(&m);
    od_model_name_commands(&m);

    /* The walk may have no end; showing has one, and is quick. */
    m.deadline_us = start_us + max_us - max_us / 5;
    od_model_walk(&w);
    od_model_conclude(&w);
    m.deadline_us = start_us + max_us;
    od_model_show(&m);
    list_findings(&m);

    od_model_walk_free(&w);
    od_map_fini(&m.notes_known);
    od_map_fini(&m.stock);
    od_arena_fini(&m.scratch);
    od_arena_fini(&m.working);
}
