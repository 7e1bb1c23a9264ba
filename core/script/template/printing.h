#ifndef OD_SCRIPT_TEMPLATE_PRINTING_H
#define OD_SCRIPT_TEMPLATE_PRINTING_H

#include "script/bundle/loaded.h"
#include "script/template/sums.h"
#include "script/template/template.h"

/* What template.c, which prints, link.c, which loads, values.c and
 * write.c share. */

/* A document under way; the plugin's `printing` while its state runs. */
struct od_printing {
    const struct od_registration *template; /* that was asked for */
    const struct od_print_job *job;
    struct od_document_sums sums;
    struct od_buf *out;
    size_t begin; /* of *out */
    int digits;   /* of the order's currency */
    int64_t date; /* of the document, microseconds */
};

/* od_bundle_print with that template, which is compiled. */
int od_print_template(const struct od_registration *template, const struct od_print_job *job,
                      struct od_buf *out, struct od_err *err) OD_MUST_CHECK;

/* The document that runs; raises when none does. [-0, +0, v] */
struct od_printing *l_printing(lua_State *L);

/* link.c: pushes the function of a template, or raises. [-0, +1, v] */
void l_push_template(lua_State *L, struct od_str name);
/* check.c: compiles a template, name: "default/templates/invoice.html"; the chunk stays on
 * the stack. [-0, +1, v] */
void l_template_compile(lua_State *L, const char *name, struct od_str text);
/* Every template that one of the bundle includes by a name in quotes is there; err with file:line.
 */
int od_template_includes_check(const struct od_bundle *b, struct od_err *err) OD_MUST_CHECK;
/* "there is no template 'fuss'; did you mean 'foot'?" */
void od_template_unknown(const struct od_bundle *b, struct od_str name, struct od_err *err);
/* template.c: include(name, part) */
int l_template_include(lua_State *L);

/* values.c: what templates are given of the document and the shop. [-0, +1, m] */
void l_push_document(lua_State *L, const struct od_printing *p);
void l_push_shop(lua_State *L, const struct od_conf_shop *shop);

/* write.c: text_ is a closure on a template's text (a light userdata, struct od_str *). */
int l_template_text(lua_State *L);
int l_template_value(lua_State *L);
int l_template_url(lua_State *L);
int l_template_money(lua_State *L);
int l_template_date(lua_State *L);
int l_template_number(lua_State *L);
int l_template_percent(lua_State *L);
int l_template_qty(lua_State *L);

#endif
