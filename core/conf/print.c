#include "base/buf.h"
#include "conf/conf.h"
#include "conf/keys.h"
#include "conf/section.h"
#include "conf/value.h"

static void print_origin(struct od_buf *b, struct od_str origin)
{
    if (origin.ptr)
        od_buf_printf(b, "    # %.*s", OD_STR_ARG(origin));
    od_buf_char(b, '\n');
}

void od_conf_print(const struct od_conf *c, struct od_buf *b)
{
    for (size_t i = 0; i < od_conf_key_count; i++) {
        const struct od_conf_key *key = &od_conf_keys[i];
        od_buf_printf(b, "%s.%s = ", key->section, key->name);
        od_conf_value_print(c, key, b);
        print_origin(b, c->origins[i]);
    }
    for (size_t i = 0; i < c->entry_count; i++) {
        const struct od_conf_entry *e = &c->entries[i];
        od_buf_printf(b, "%.*s.%.*s = ", OD_STR_ARG(e->section), OD_STR_ARG(e->key));
        od_buf_str(b, e->secret || od_conf_key_secret(e->key) ? OD_STR("***") : e->value);
        print_origin(b, e->origin);
    }
}

/* "# " and the text, broken at blanks before column 100. */
static void print_comment(struct od_buf *b, struct od_str text)
{
    const size_t width = 98;

    while (text.len > 0) {
        size_t end = text.len;
        if (end > width) {
            end = width;
            while (end > 0 && text.ptr[end] != ' ')
                end--;
        }
        od_buf_printf(b, "# %.*s\n", OD_STR_ARG(od_str_slice(text, 0, end)));
        text = od_str_trim(od_str_slice(text, end, text.len));
    }
}

void od_conf_reference(struct od_buf *b)
{
    const char *section = "";
    struct od_buf help;

    od_buf_init(&help, 4096);
    for (size_t i = 0; i < od_conf_key_count; i++) {
        const struct od_conf_key *key = &od_conf_keys[i];
        if (strcmp(section, key->section) != 0)
            od_buf_printf(b, "\n[%s]\n", key->section);
        section = key->section;
        od_buf_reset(&help);
        od_buf_printf(&help, "%s%s", key->help, key->reload ? "" : " (restart)");
        print_comment(b, od_buf_view(&help));
        od_buf_printf(b, "#%s =%s%s\n", key->name, *key->fallback ? " " : "", key->fallback);
    }
    od_buf_fini(&help);
}

struct od_str od_conf_restart_notes(const struct od_conf *now, const struct od_conf *next,
                                    struct od_arena *a)
{
    struct od_str notes = OD_STR("");

    for (size_t i = 0; i < od_conf_key_count; i++) {
        const struct od_conf_key *key = &od_conf_keys[i];
        if (!key->reload && !od_conf_value_equal(now, next, key))
            notes = od_arena_printf(a, "%.*s%s%s.%s", OD_STR_ARG(notes), notes.len ? ", " : "",
                                    key->section, key->name);
    }
    return notes;
}
