#ifndef OD_SCRIPT_TEMPLATE_LETTER_H
#define OD_SCRIPT_TEMPLATE_LETTER_H

#include "base/arena.h"
#include "script/template/template.h"

/*
 * Mails are printed from templates/mail/NAME.txt, whose first line is "Subject: …" and which has
 * the text behind an empty line, and from NAME.html, which a mail need not have. NAME.de-AT.txt and
 * NAME.de.txt are the same mail in a language. A mail is all in one language: the HTML stands
 * beside the text that was chosen. Which plugin's file counts is decided as for documents.
 */

struct od_letter {
    struct od_str template; /* "order_confirmation" */
    struct od_str language; /* that the customer reads, "de-AT"; when there is no such mail … */
    struct od_str fallback; /* … this one; then the one without a language */
    struct od_str data;     /* a JSON object, which templates see as `part`; absent: empty */
    int64_t at_us;          /* the present, for scripts */
    int32_t shipment_id, refund_id, return_id; /* what it is about; 0: none */
};

/* Strings are in the arena and end in a NUL. */
struct od_letter_texts {
    struct od_str subject, text;
    struct od_str html;     /* absent: there is only text */
    struct od_str language; /* of the template; empty: the one without a language */
};

/* Lets *letter be about the last shipment, refund and return of the order where it names none. */
void od_letter_settle(struct od_letter *letter, const struct od_order *o);
/* Whether there is such a mail, in whatever language. */
bool od_bundle_has_letter(const struct od_bundle *b, struct od_str template);
/* Prints it as od_bundle_print does, with the same errors. job->order is the order as the mail
 * shows it; job->kind and job->letter are set here. */
int od_bundle_letter(struct od_bundle *b, const struct od_letter *letter,
                     const struct od_order *order, const struct od_conf_shop_keys *shop,
                     struct od_arena *a, struct od_letter_texts *out,
                     struct od_err *err) OD_MUST_CHECK;

/* The names of the mails that there are, without languages and parts; each once. */
struct od_str *od_bundle_letters(const struct od_bundle *b, struct od_arena *a, uint32_t *count);

/* Prints with the templates that `find` gives for a name; NULL: it is not there. */
struct od_registration;
int od_letter_print(const struct od_registration *(*find)(const void *ctx, struct od_str name),
                    const void *ctx, const struct od_letter *letter, const struct od_order *order,
                    const struct od_conf_shop_keys *shop, struct od_arena *a,
                    struct od_letter_texts *out, struct od_err *err) OD_MUST_CHECK;

#endif
