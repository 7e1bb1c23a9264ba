#ifndef OD_API_ACCESS_FORM_H
#define OD_API_ACCESS_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct od_http_request;

/* Reads small JSON objects: the bodies of logins, users and keys. */

/* A member. One of text and flag is set. */
struct od_form_member {
    const char *name;
    size_t max; /* bytes of a text */
    bool required;
    struct od_str *text; /* absent when the member is not there */
    int *flag;           /* a boolean: 1, 0; -1: it is not there */
};

/* False: the body is not such an object, which has been answered 400 or 422 and names the member. A
 * body that is empty is an object without members. Texts live as long as the request. */
bool od_form_read(struct od_http_request *req, const struct od_form_member *members, size_t count);

/* Answers 422 for one member. */
void od_form_refuse(struct od_http_request *req, const char *name, const char *why);

/* Whether the text can be an e-mail address of a user; else it has been answered 422. */
bool od_form_email(struct od_http_request *req, struct od_str email);

#endif
