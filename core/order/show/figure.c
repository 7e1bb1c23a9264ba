#include "order/show/figure.h"

#include "base/clock.h"

enum { KINDS = 11 }; /* and one for 0, which is no kind */

static const char *const names[KINDS] = {
#define ROW(NAME, number, name) [number] = (name),
    OD_FACT_KINDS(ROW)
#undef ROW
};

bool od_fact_is_of_placing(enum od_fact_kind kind)
{
    return kind == OD_FACT_SALE || kind == OD_FACT_PRODUCT || kind == OD_FACT_TAX ||
           kind == OD_FACT_STATUS;
}

static bool read_kinds(struct od_str text, uint32_t *kinds)
{
    struct od_str name;
    *kinds = 0;
    while (od_str_cut(&text, '+', &name)) {
        int kind = 1;
        while (kind < KINDS && !od_str_is(name, names[kind]))
            kind++;
        if (kind == KINDS)
            return false;
        *kinds |= 1u << kind;
    }
    return *kinds;
}

bool od_figure_parse(struct od_str text, struct od_figure *out)
{
    struct od_str kinds, from, to;
    if (!od_str_cut(&text, ',', &kinds) || !od_str_cut(&text, ',', &from) ||
        !od_str_cut(&text, ',', &to))
        return false;
    out->key = text;
    return read_kinds(kinds, &out->kinds) && od_time_parse(from, &out->from_us) &&
           od_time_parse(to, &out->to_us);
}

void od_figure_format(struct od_buf *b, const struct od_figure *f)
{
    const char *between = "";
    for (int kind = 1; kind < KINDS; kind++) {
        if (f->kinds & 1u << kind) {
            od_buf_printf(b, "%s%s", between, names[kind]);
            between = "+";
        }
    }
    od_buf_char(b, ',');
    od_time_format(b, f->from_us);
    od_buf_char(b, ',');
    od_time_format(b, f->to_us);
    if (f->key.ptr)
        od_buf_printf(b, ",%.*s", OD_STR_ARG(f->key));
}
