#ifndef OD_LOOP_CHILD_H
#define OD_LOOP_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "loop/loop.h"

/* A child process. A descriptor that the parent opens without O_CLOEXEC leaks into it, so every
 * open must set that flag. */
struct od_child;

struct od_child_options {
    const char *file;  /* a path, or a name looked up in PATH */
    char *const *argv; /* NULL-terminated, argv[0] included */
    char *const *env;  /* NULL: inherited */
    const char *cwd;   /* NULL: inherited */
    int in_fd;         /* becomes standard input; 0: /dev/null */
    int out_fd;        /* becomes standard output and standard error; -1: /dev/null */
    int err_fd;        /* becomes standard error; 0: as standard output */
    bool switch_user;  /* run as uid and gid, without supplementary groups (root only) */
    uid_t uid;
    gid_t gid;
    bool detached; /* a session of its own: a terminal's Ctrl-C does not reach it */
};

/* Starts the process, or returns NULL with *err filled. The options are not kept, and the
 * descriptors stay the caller's. on_exit runs once, with the exit status and the signal that ended
 * the process (0: none did). The object stays valid until od_child_free. */
struct od_child *od_child_spawn(struct od_loop *loop, const struct od_child_options *options,
                                void (*on_exit)(void *ctx, int status, int signum), void *ctx,
                                struct od_err *err) OD_MUST_CHECK;

pid_t od_child_pid(const struct od_child *c);
bool od_child_alive(const struct od_child *c); /* on_exit has not run yet */
void od_child_kill(struct od_child *c, int signum);

/* Frees the object. The process may live on; on_exit is not called any more. Accepts NULL. */
void od_child_free(struct od_child *c);

#endif
