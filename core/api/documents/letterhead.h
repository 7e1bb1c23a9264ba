#ifndef OD_API_DOCUMENTS_LETTERHEAD_H
#define OD_API_DOCUMENTS_LETTERHEAD_H

#include "base/arena.h"
#include "conf/conf.h"

/*
 * The shop as documents show it: conf/shop.h with the logos themselves. They are read once with the
 * configuration, not at each request.
 */

struct od_letterheads;

/* Reads the logos' files, of at most 1 MiB each, which may wait for the disk. One that cannot be
 * read any more is left out and logged. It takes a reference of conf. */
struct od_letterheads *od_letterheads_new(struct od_conf *conf);
void od_letterheads_free(struct od_letterheads *l); /* NULL allowed */

/* Returns the letterhead for an order of that store; absent: for one of no store. logo is a data:
 * URL. Strings live as long as *l and the arena. */
struct od_conf_shop_keys od_letterhead(const struct od_letterheads *l, struct od_str store,
                                       struct od_arena *a);

#endif
