#include "base/nearest.h"

#include <stdio.h>

/* Longer names are not compared; no known one is as long. */
#define NAME_MAX_BYTES 48

/* Levenshtein's distance, row by row; b is at most NAME_MAX_BYTES long. */
static size_t distance(struct od_str a, struct od_str b)
{
    size_t row[NAME_MAX_BYTES + 1];

    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t replaced = diagonal + (a.ptr[i - 1] != b.ptr[j - 1]);
            size_t shorter = row[j] < row[j - 1] ? row[j] : row[j - 1];
            diagonal = row[j];
            row[j] = replaced < shorter + 1 ? replaced : shorter + 1;
        }
    }
    return row[b.len];
}

void od_nearest_init(struct od_nearest *n, struct od_str wanted)
{
    /* A third of the letters may be wrong; more than that is no slip of the hand. */
    *n = (struct od_nearest){wanted, OD_STR(""), wanted.len / 3 + 2, ""};
}

void od_nearest_try(struct od_nearest *n, struct od_str candidate)
{
    if (n->wanted.len > NAME_MAX_BYTES || candidate.len > NAME_MAX_BYTES)
        return;
    size_t cost = distance(n->wanted, candidate);
    if (cost < n->cost) {
        n->cost = cost;
        n->best = candidate;
    }
}

const char *od_nearest_hint(struct od_nearest *n)
{
    if (n->best.len > 0)
        snprintf(n->hint, sizeof n->hint, " (did you mean '%.*s'?)", OD_STR_ARG(n->best));
    return n->hint;
}

struct od_str od_nearest_of(struct od_str wanted, const char *const *names)
{
    struct od_nearest n;

    od_nearest_init(&n, wanted);
    for (size_t i = 0; names[i]; i++)
        od_nearest_try(&n, od_str_of(names[i]));
    return n.best;
}
