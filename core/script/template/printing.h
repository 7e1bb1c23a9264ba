#ifndef OD_SCRIPT_TEMPLATE_PRINTING_H
#define OD_SCRIPT_TEMPLATE_PRINTING_H

#include "script/bundle/loaded.h"
#include "script/template/sums.h"
#include "script/template/template.h"

/* A document under way. template.c prints, link.c and check.c load, and values.c and write.c give
 * templates their values and functions. */

/* A document under way; the plugin's `printing` while its state runs. */
struct od_printing {
    const struct od_registration *template; /* the one that was asked for */
    const struct od_print_job *job;
    struct od_document_sums sums;
    struct od_buf *out;
    size_t begin; /* where in *out the document begins */
    int digits;   /* fraction digits of the order's currency */
    int64_t date; /* the document's date, microseconds */
    bool plain;   /* it is text, which nothing is escaped in */
};

/* What is escaped for HTML is no text, and text is not escaped. */
#define OD_TEMPLATE_MIXED "a .txt includes .txt files alone, and .html files none of them"

/* Returns the template of that name that counts in the bundle, or NULL. */
const struct od_registration *od_template_chosen(const struct od_bundle *b, struct od_str name);
/* Prints with that template, which has been compiled; else as od_bundle_print. */
int od_print_template(const struct od_registration *template, const struct od_print_job *job,
                      struct od_buf *out, struct od_err *err) OD_MUST_CHECK;

/* Returns the document under way. Raises when there is none. [-0, +0, v] */
struct od_printing *l_printing(lua_State *L);

/* Pushes the function of a template, or raises. [-0, +1, v] */
void l_push_template(lua_State *L, struct od_str name);
/* Compiles a template and leaves the chunk on the stack. `name` is
 * "default/templates/invoice.html".
 * [-0, +1, v] */
void l_template_compile(lua_State *L, const char *name, struct od_str text);
/* Checks that every template that another includes by a name in quotes is there. Errors stand at
 * file:line. */
int od_template_includes_check(const struct od_bundle *b, struct od_err *err) OD_MUST_CHECK;
/* Fills *err with "there is no template 'fuss'; did you mean 'foot'?". */
void od_template_unknown(const struct od_bundle *b, struct od_str name, struct od_err *err);
/* include(name, part) */
int l_template_include(lua_State *L);

/* Push what templates are given of the document and of the shop. [-0, +1, m] */
void l_push_document(lua_State *L, const struct od_printing *p);
void l_push_shop(lua_State *L, const struct od_conf_shop_keys *shop);

/* The functions of templates, in write.c. text_ is a closure on a template's text, a light userdata
 * (struct od_str *). */
int l_template_text(lua_State *L);
int l_template_value(lua_State *L);
int l_template_url(lua_State *L);
int l_template_money(lua_State *L);
int l_template_date(lua_State *L);
int l_template_number(lua_State *L);
int l_template_percent(lua_State *L);
int l_template_qty(lua_State *L);

#endif
