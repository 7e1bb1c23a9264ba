#ifndef OD_API_OPENAPI_TREE_H
#define OD_API_OPENAPI_TREE_H

#include "base/json/json.h"

/* Puts JSON trees together from parts. Everything lives in the arena. */

/* Parses JSON that is written in the program. A malformed text aborts. */
struct od_json *od_tree(struct od_arena *a, const char *fmt, ...) OD_PRINTF(2, 3);

/* Makes a string, for od_tree_set or od_tree_append. */
struct od_json od_tree_str(struct od_str s);

/* Returns the member, which may be changed; NULL: there is none. */
struct od_json *od_tree_member(struct od_json *o, const char *key);
/* Sets a member of o: in the place of one of that name, else behind all others. v itself is copied;
 * its members are shared. */
void od_tree_set(struct od_arena *a, struct od_json *o, struct od_str key, const struct od_json *v);
void od_tree_append(struct od_arena *a, struct od_json *array, const struct od_json *v);
void od_tree_drop(struct od_json *o, const char *key);
/* Whether a schema names its type itself. */
bool od_tree_names_type(const struct od_json *schema);
/* Adds the members of `from` to `to`, and merges objects that both have. A member that names a type
 * ($ref, type or oneOf) replaces the one that was there. */
void od_tree_merge(struct od_arena *a, struct od_json *to, const struct od_json *from);

#endif
