#include "conf/keys.h"

/* Longer names are not compared; no key is as long. */
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

struct search {
    struct od_str wanted;
    const char *best;
    size_t cost;
};

static void search_init(struct search *s, struct od_str wanted)
{
    s->wanted = wanted;
    s->best = "";
    /* A third of the letters may be wrong; more than that is no slip of the hand. */
    s->cost = wanted.len / 3 + 2;
}

static void consider(struct search *s, const char *candidate)
{
    struct od_str c = od_str_of(candidate);

    if (s->wanted.len > NAME_MAX_BYTES || c.len > NAME_MAX_BYTES)
        return;
    size_t cost = distance(s->wanted, c);
    if (cost < s->cost) {
        s->cost = cost;
        s->best = candidate;
    }
}

const char *od_conf_nearest_section(struct od_str section)
{
    struct search s;

    search_init(&s, section);
    for (size_t i = 0; i < od_conf_key_count; i++)
        consider(&s, od_conf_keys[i].section);
    for (size_t i = 0; i < od_conf_family_count; i++)
        consider(&s, od_conf_families[i].name);
    return s.best;
}

const char *od_conf_nearest_key(struct od_str section, struct od_str name)
{
    const struct od_conf_family *family = od_conf_family_of(section);
    struct search s;

    search_init(&s, name);
    for (size_t i = 0; i < od_conf_key_count; i++) {
        if (od_str_is(section, od_conf_keys[i].section))
            consider(&s, od_conf_keys[i].name);
    }
    for (size_t i = 0; family && family->keys && family->keys[i]; i++)
        consider(&s, family->keys[i]);
    return s.best;
}
