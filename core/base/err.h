#ifndef OD_BASE_ERR_H
#define OD_BASE_ERR_H

/*
 * How a fallible function says why it failed. Such a function returns 0 or -1 and fills an od_err
 * that its caller owns. Callers add context on the way up (od_err_wrap); whoever handles the error
 * logs or answers it, once.
 */

#define OD_MUST_CHECK        __attribute__((warn_unused_result))
#define OD_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

enum od_err_code {
    OD_ERR_NONE = 0,
    OD_ERR_MALFORMED,   /* bytes break their grammar (JSON, HTTP, CSV, INI) */
    OD_ERR_INVALID,     /* the input is well formed, but a value is not acceptable */
    OD_ERR_NOT_FOUND,   /* a file, key or row that should be there is not */
    OD_ERR_AMBIGUOUS,   /* a reference has two readings; the message names both */
    OD_ERR_LIMIT,       /* a configured maximum was reached */
    OD_ERR_CONFIG,      /* the configuration is wrong; origin names file:line */
    OD_ERR_SCRIPT,      /* a Lua script failed; origin names file:line */
    OD_ERR_DB,          /* the database refused a statement; sqlstate is set */
    OD_ERR_UNAVAILABLE, /* the database or a peer cannot be reached now; a retry may succeed */
    OD_ERR_IO,          /* the operating system refused; the message has strerror */
};

struct od_err {
    enum od_err_code code;
    char sqlstate[6];  /* OD_ERR_DB only, else "" */
    char origin[160];  /* where the cause is, in the user's terms: "conf/orderd.ini:12",
                          "/items/0/qty"; or "" */
    char message[640]; /* one sentence for people; never ends in a newline */
};

/* Clears *err. */
void od_err_clear(struct od_err *err);

/* Fills *err (which may be NULL) and returns -1, so that `return od_err_set(...)` reads well. */
int od_err_set(struct od_err *err, enum od_err_code code, const char *fmt, ...) OD_PRINTF(3, 4);

/* Does the same with an origin, such as "file:line" or a JSON pointer. */
int od_err_set_at(struct od_err *err, enum od_err_code code, const char *origin, const char *fmt,
                  ...) OD_PRINTF(4, 5);

/* Puts "context: " before the message and returns -1. */
int od_err_wrap(struct od_err *err, const char *fmt, ...) OD_PRINTF(2, 3);

#endif
