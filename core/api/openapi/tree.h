#ifndef OD_API_OPENAPI_TREE_H
#define OD_API_OPENAPI_TREE_H

#include "base/json/json.h"

/* JSON trees that are put together from parts. Everything lives in the arena. */

/* JSON written in the program: a text that is none aborts. */
struct od_json *od_tree(struct od_arena *a, const char *fmt, ...) OD_PRINTF(2, 3);

/* A string, to be set or appended. */
struct od_json od_tree_str(struct od_str s);

/* The member, to be changed; NULL: there is none. */
struct od_json *od_tree_member(struct od_json *o, const char *key);
/* Gives o that member in place of one of that name, else behind all others. v itself is copied, its
 * members are shared. */
void od_tree_set(struct od_arena *a, struct od_json *o, struct od_str key, const struct od_json *v);
void od_tree_append(struct od_arena *a, struct od_json *array, const struct od_json *v);
void od_tree_drop(struct od_json *o, const char *key);
/* Whether a schema says by itself what type it is of. */
bool od_tree_names_type(const struct od_json *schema);
/* Adds from's members to `to`, those of objects that both have likewise. What names a type ($ref,
 * type or oneOf) takes the place of what was there. */
void od_tree_merge(struct od_arena *a, struct od_json *to, const struct od_json *from);
void od_tree_write(struct od_json_writer *w, const struct od_json *v);

#endif
