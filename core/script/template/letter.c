#include "script/template/letter.h"

#include <ctype.h>

#include "script/template/printing.h"

#define FOLDER  "mail/"
#define PLAIN   ".txt"
#define SUBJECT "Subject:"

enum { LANGUAGE_MAX = 35, TRIES = 5, LETTER_MAX = 100 }; /* RFC 5646, 4.4.1: 35 is enough */

struct finder {
    const struct od_registration *(*find)(const void *ctx, struct od_str name);
    const void *ctx;
};

void od_letter_settle(struct od_letter *letter, const struct od_order *o)
{
    if (!letter->shipment_id)
        letter->shipment_id = od_print_last(o, OD_PRINT_PACKING_SLIP);
    if (!letter->refund_id)
        letter->refund_id = od_print_last(o, OD_PRINT_CREDIT_MEMO);
    if (!letter->return_id && o->return_count)
        letter->return_id = o->returns[o->return_count - 1].return_id;
}

/* ---- which template */

/* "de_AT" and "DE-at" are "de-at"; what is no tag of a language is none. */
static struct od_str tag_of(struct od_str language, struct od_arena *a)
{
    struct od_str tag = od_arena_str(a, language);
    if (tag.len == 0 || tag.len > LANGUAGE_MAX)
        return OD_STR("");
    for (size_t i = 0; i < tag.len; i++) {
        char *c = (char *)tag.ptr + i;
        if (*c == '_')
            *c = '-';
        if (!isalnum((unsigned char)*c) && *c != '-')
            return OD_STR("");
        *c = (char)tolower((unsigned char)*c);
    }
    return tag;
}

/* "de-at", then "de". */
static void add_tags(struct od_str tags[TRIES], size_t *count, struct od_str language,
                     struct od_arena *a)
{
    struct od_str tag = tag_of(language, a);
    const char *dash = tag.len ? memchr(tag.ptr, '-', tag.len) : NULL;
    if (tag.len)
        tags[(*count)++] = tag;
    if (dash)
        tags[(*count)++] = od_str_slice(tag, 0, (size_t)(dash - tag.ptr));
}

/* mail/NAME, mail/NAME.de: the text when there is one, and the HTML beside it. */
struct pair {
    const struct od_registration *text, *html;
    struct od_str language;
};

static bool find_pair(const struct finder *f, struct od_str name, struct od_str tag,
                      struct od_arena *a, struct pair *out)
{
    struct od_str both = od_arena_printf(a, FOLDER "%.*s%s%.*s", OD_STR_ARG(name),
                                         tag.len ? "." : "", OD_STR_ARG(tag));
    out->text = f->find(f->ctx, od_arena_printf(a, "%s" PLAIN, both.ptr));
    out->html = out->text ? f->find(f->ctx, both) : NULL;
    out->language = tag;
    return out->text;
}

static bool choose(const struct finder *f, const struct od_letter *letter, struct od_arena *a,
                   struct pair *out)
{
    struct od_str tags[TRIES] = {OD_STR("")};
    size_t count = 0;
    add_tags(tags, &count, letter->language, a);
    add_tags(tags, &count, letter->fallback, a);
    tags[count++] = OD_STR("");
    for (size_t i = 0; i < count; i++) {
        if (find_pair(f, letter->template, tags[i], a, out))
            return true;
    }
    return false;
}

/* ---- printing */

static int print(const struct od_registration *template, const struct od_print_job *job,
                 struct od_arena *a, struct od_str *out, struct od_err *err)
{
    struct od_buf buf;
    od_buf_init(&buf, 2 * OD_TEMPLATE_OUTPUT_MAX);
    int rc = od_print_template(template, job, &buf, err);
    if (rc == 0)
        *out = od_arena_str(a, od_buf_view(&buf));
    od_buf_fini(&buf);
    return rc;
}

/* The subject is the first line; the text follows behind an empty one. */
static int split(const struct od_registration *template, struct od_str text, struct od_arena *a,
                 struct od_letter_texts *out, struct od_err *err)
{
    struct od_str first, none;
    if (!od_str_starts_with(text, OD_STR(SUBJECT)) || !od_str_cut(&text, '\n', &first) ||
        !text.ptr || !od_str_cut(&text, '\n', &none) || od_str_trim(none).len)
        return od_err_set_at(err, OD_ERR_SCRIPT, template->offer.origin.ptr,
                             "a mail begins with a line \"Subject: …\" and an empty one");
    first = od_str_slice(first, sizeof SUBJECT - 1, first.len);
    out->subject = od_arena_str(a, od_str_trim(first));
    out->text = text.ptr ? text : OD_STR("");
    return 0;
}

int od_letter_print(const struct od_registration *(*find)(const void *ctx, struct od_str name),
                    const void *ctx, const struct od_letter *letter, const struct od_order *order,
                    const struct od_conf_shop_keys *shop, struct od_arena *a,
                    struct od_letter_texts *out, struct od_err *err)
{
    const struct finder finder = {find, ctx};
    struct od_letter as = *letter;
    struct od_print_job job = {OD_PRINT_MAIL, order, 0, shop, &as};
    struct od_str text;
    struct pair pair;
    *out = (struct od_letter_texts){0};
    if (letter->template.len > LETTER_MAX || !choose(&finder, letter, a, &pair))
        return od_err_set(err, OD_ERR_NOT_FOUND,
                          "no plugin of these rules has templates/" FOLDER "%.*s" PLAIN,
                          OD_STR_ARG(letter->template));
    as.language = out->language = od_arena_str(a, pair.language);
    if (print(pair.text, &job, a, &text, err) || split(pair.text, text, a, out, err))
        return -1;
    return pair.html ? print(pair.html, &job, a, &out->html, err) : 0;
}

static const struct od_registration *chosen(const void *ctx, struct od_str name)
{
    return od_template_chosen(ctx, name);
}

int od_bundle_letter(struct od_bundle *b, const struct od_letter *letter,
                     const struct od_order *order, const struct od_conf_shop_keys *shop,
                     struct od_arena *a, struct od_letter_texts *out, struct od_err *err)
{
    return od_letter_print(chosen, b, letter, order, shop, a, out, err);
}

/* ---- what there is */

/* "mail/NAME.txt", "mail/NAME.de.txt" */
static bool letter_name(struct od_str template, struct od_str *name)
{
    struct od_str rest;
    if (!od_str_starts_with(template, OD_STR(FOLDER)) || !od_str_ends_with(template, OD_STR(PLAIN)))
        return false;
    rest = od_str_slice(template, sizeof FOLDER - 1, template.len);
    return od_str_cut(&rest, '.', name);
}

static bool is_letter(const struct od_registration *r, struct od_str *name)
{
    return r->offer.chosen && letter_name(r->offer.name, name) &&
           od_str_starts_with(r->template->text, OD_STR(SUBJECT));
}

bool od_bundle_has_letter(const struct od_bundle *b, struct od_str template)
{
    const struct od_registrations *all = &b->offers[OD_OFFER_TEMPLATE];
    struct od_str name;
    for (uint32_t i = 0; i < all->count; i++) {
        if (is_letter(all->all[i], &name) && od_str_eq(name, template))
            return true;
    }
    return false;
}

struct od_str *od_bundle_letters(const struct od_bundle *b, struct od_arena *a, uint32_t *count)
{
    const struct od_registrations *all = &b->offers[OD_OFFER_TEMPLATE];
    struct od_str *names = OD_NEW_ARRAY(a, struct od_str, all->count + 1);
    *count = 0;
    for (uint32_t i = 0; i < all->count; i++) {
        struct od_str name;
        uint32_t at = 0;
        if (!is_letter(all->all[i], &name))
            continue;
        while (at < *count && !od_str_eq(names[at], name))
            at++;
        names[at] = name;
        *count += at == *count;
    }
    return names;
}
