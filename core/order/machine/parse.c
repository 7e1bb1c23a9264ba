#include "order/machine/parse.h"

#include "order/machine/command_kind.h"
#include "order/machine/read.h"

int od_command_parse(enum od_command_type type, const struct od_json *body, struct od_arena *a,
                     struct od_str default_currency, struct od_command *out,
                     struct od_problem_list *problems)
{
    static const struct od_json no_body = {.type = OD_JSON_OBJECT};
    const struct od_path root = {0};
    const struct od_command_kind *kind = type < OD_COMMAND_TYPES ? od_command_kinds[type] : NULL;
    struct od_reader r = {.arena = a, .problems = problems, .default_currency = default_currency};
    problems->arena = problems->arena ? problems->arena : a;
    size_t before = problems->count;
    *out = (struct od_command){.type = type};

    if (kind && kind->body)
        kind->body(&r, body ? body : &no_body, &root, out);
    else
        od_read_problem(&r, &root, "is not the body of a command");
    return r.found == 0 && problems->count == before ? 0 : -1;
}
