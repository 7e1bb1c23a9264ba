#include "cli/import/chain.h"

#include <stdlib.h>

#include "order/machine/command_kind.h"

void od_chain_init(struct od_chain *c, struct od_arena *a, struct od_str actor, bool historical)
{
    *c = (struct od_chain){.arena = a, .actor = actor, .historical = historical, .last = INT64_MIN};
}

struct od_chain_step *od_chain_add_command(struct od_chain *c, struct od_command *command,
                                           int64_t at, const struct od_chain_step *follows)
{
    struct od_chain_step *s = OD_NEW(c->arena, struct od_chain_step);
    command->at = at;
    command->actor = c->actor;
    command->historical = c->historical;
    *s = (struct od_chain_step){.command = command,
                                .after = follows && follows->after > at ? follows->after : at,
                                .index = (uint32_t)c->count,
                                .of = follows};
    if (s->after > c->last)
        c->last = s->after;
    c->steps = od_arena_grow(c->arena, c->steps, c->count, &c->cap, sizeof *c->steps);
    c->steps[c->count++] = s;
    return s;
}

struct od_chain_step *od_chain_add(struct od_chain *c, enum od_command_type type, int64_t at,
                                   const struct od_chain_step *follows)
{
    struct od_command *command = OD_NEW(c->arena, struct od_command);
    command->type = type;
    return od_chain_add_command(c, command, at, follows);
}

struct od_chain_step *od_chain_add_last(struct od_chain *c, enum od_command_type type, int64_t at)
{
    struct od_chain_step *s = od_chain_add(c, type, at, NULL);
    s->after = c->last;
    return s;
}

static int by_time(const void *x, const void *y)
{
    const struct od_chain_step *a = *(struct od_chain_step *const *)x,
                               *b = *(struct od_chain_step *const *)y;
    if (a->after != b->after)
        return a->after < b->after ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* decide counts the parts that commands make in the same way. counts: by their kind. */
static void number(struct od_chain_step *s, int32_t counts[OD_ENTITY_COUNT])
{
    const struct od_command_kind *kind = od_command_kinds[s->command->type];
    const struct od_command_kind *before = s->of ? od_command_kinds[s->of->command->type] : NULL;
    if (kind->answer != OD_ANSWER_PART)
        return;
    if (kind->creates)
        s->number = ++counts[kind->part];
    else if (before && before->answer == OD_ANSWER_PART && before->part == kind->part)
        od_command_set_id(s->command, kind->member, s->of->number);
}

struct od_command *od_chain_link(struct od_chain *c)
{
    int32_t counts[OD_ENTITY_COUNT] = {0};
    struct od_command *first = NULL, **link = &first;
    qsort(c->steps, c->count, sizeof *c->steps, by_time);
    for (size_t i = 0; i < c->count; i++) {
        struct od_command *command = c->steps[i]->command;
        number(c->steps[i], counts);
        *link = command;
        link = &command->next;
    }
    return first;
}
