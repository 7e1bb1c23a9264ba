#ifndef OD_FEED_TARGETS_CONF_H
#define OD_FEED_TARGETS_CONF_H

#include "base/arena.h"
#include "feed/targets/kind.h"

/*
 * The targets that a process carries out: the sections [target.NAME] of its configuration, those
 * that are there without, and those that the API made and the database keeps. A name that the
 * configuration has is the configuration's.
 */

struct od_stored_target;

/* A stored target that cannot be used here. */
struct od_target_trouble {
    struct od_str name, reason;
};

struct od_targets {
    struct od_arena arena;
    struct od_target_conf *items;
    size_t count, cap;
    struct od_str text; /* all that they were read from, to tell whether it has changed */
    int64_t version;    /* of the stored ones (store/feed/targets.h); -1: they are not known yet */
    bool registered;    /* each has its row of `target`, so that deliveries can be made for it */
    struct od_target_trouble *troubles;
    size_t trouble_count, trouble_cap;
};

/* Reads them; a stored one that cannot be used becomes a trouble. An error is about the
 * configuration.
 */
int od_targets_read(const struct od_conf *c, const struct od_stored_target *stored,
                    size_t stored_count, struct od_targets *out, struct od_err *err) OD_MUST_CHECK;
/* Whether the API may store the target: its settings are right, and are what the API may set. Then
 * they are written to `show` as people may see them; else err has the JSON pointer of the member
 * that is wrong as its origin. */
struct od_json_writer;
int od_target_try(const struct od_conf *c, const struct od_stored_target *t,
                  struct od_json_writer *show, struct od_err *err) OD_MUST_CHECK;
const struct od_target_kind *od_target_kind_find(struct od_str name); /* or NULL */
void od_targets_fini(struct od_targets *t);
/* 0 when od_targets_read would succeed and the kinds find nothing wrong otherwise. It may take a
 * while; see od_target_kind.try. */
int od_targets_check(const struct od_conf *c, struct od_err *err) OD_MUST_CHECK;

/* Whether the target wants an event by itself that is known under these topics. Patterns are a
 * topic, "shipment.*", or "*". Its filter is asked beside that, when the order is known. */
bool od_target_wants(const struct od_target_conf *t, const struct od_str *topics, uint32_t n);

/* The target that mails go to whose hook names none: the one called mail, else the first that takes
 * mails; NULL: there is none, and they go to the file. */
const struct od_target_conf *od_targets_for_mail(const struct od_targets *t);
const struct od_target_conf *od_targets_find(const struct od_targets *t, struct od_str name);

/* A name in a list with blanks or commas between them: cuts the first off; false: there is none. */
bool od_target_next_word(struct od_str *list, struct od_str *word);

#endif
