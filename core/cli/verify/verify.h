#ifndef OD_CLI_VERIFY_VERIFY_H
#define OD_CLI_VERIFY_VERIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

/*
 * `orderd verify`: proves over a whole database, in one snapshot and beside a running server, that
 * the fold of every order's events equals its rows, that no event is without its order, and what
 * must hold between rows: units of items are where shipments, refunds and returns say; money that
 * went back was captured; invoices and credit memos are numbered without gaps; stock is conserved
 * at each location: reserved = units of tracked items neither shipped nor cancelled; on hand = what
 * people put there − what is shipped + what is restocked. Positions in the ledger must agree with
 * the server, and no event may stand behind a cursor that has not read it (store/position.h).
 */

struct od_loop;
struct od_pg_server;

struct od_verify_result {
    uint64_t orders, events;
    uint64_t differing; /* what differs or breaks a rule, each named in a line on `out` */
};

/* Runs the loop until it is done. -1: the database could not be read. progress: a bar on stderr. */
int od_verify_run(struct od_loop *loop, struct od_pg_server *server, FILE *out, bool progress,
                  struct od_verify_result *result, struct od_err *err) OD_MUST_CHECK;

#endif
