#ifndef OD_RULES_ACTIVATE_ACTIVATION_H
#define OD_RULES_ACTIVATE_ACTIVATION_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/make/stored.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"

/*
 * Keeps this process at the last activation of the database, whoever made it. A notification tells
 * it of a new one; it also looks once a second, because notifications are lost with a connection.
 * It tells the other processes that this one runs and what it serves. It puts the previous bundle
 * back when the rules of a new one keep failing (rollback.h).
 */

struct od_activation;
struct od_rules;
struct od_serving;

struct od_activation_conf {
    struct od_serving *serving; /* borrowed; its engine has rules already */
    struct od_uuid process_id;  /* this process's row of server_process */
    const char *address;        /* where the process listens; copied */
    /* Is called whenever an activation begins to serve here, also when its rules are the same as
     * before. */
    void (*changed)(void *ctx, int32_t activation_id);
    void *ctx;
};

/* Until od_activation_adopt is called, it does not know which activation the engine's rules are. */
struct od_activation *od_activation_new(const struct od_activation_conf *conf);
/* Looks at once, and says at once that this process runs. */
void od_activation_poll(struct od_activation *a);

/*
 * Swaps the rules in, unless a later activation serves already. age_us: how long ago the activation
 * was made. automatic: it is an automatic rollback, which no other automatic rollback may follow.
 */
void od_activation_adopt(struct od_activation *a, struct od_rules *rules, int32_t activation_id,
                         int64_t age_us, bool automatic);
/* The server started without the last activation's bundle, because of err. */
void od_activation_failed(struct od_activation *a, int32_t activation_id, const struct od_err *err);

/* The server's files are broken, and the last activation serves in their place. Status and metrics
 * tell so until the next activation. */
void od_activation_files_refused(struct od_activation *a, const struct od_err *err);

/*
 * Activates a stored bundle for all processes and serves it here at once. kind: "activate" or
 * "rollback". done is called once, never inside this call. err NULL: `bundle` serves. notes has a
 * line for each status whose orders will be moved; with an error it has a line for each refusal.
 */
typedef void od_activation_cb(void *ctx, const struct od_err *err, struct od_str bundle,
                              struct od_str notes);
void od_activation_use(struct od_activation *a, const struct od_stored_choice *which,
                       const char *kind, struct od_str actor, od_activation_cb *done, void *ctx);

struct od_activation_stats {
    int32_t activation_id;
    /* failed: bundles that others activated and that did not load here. rollbacks: automatic ones
     * by this process. */
    uint64_t adopted, failed, rollbacks;
    bool behind; /* this process does not serve the last activation */
};
void od_activation_stats(const struct od_activation *a, struct od_activation_stats *out);

bool od_activation_busy(const struct od_activation *a); /* it must not be freed now */
/* Ends the looks and rollbacks and takes this process off the list of running ones. */
void od_activation_stop(struct od_activation *a);
void od_activation_free(struct od_activation *a); /* accepts NULL */

#endif
