#ifndef OD_CLI_VERIFY_VERIFY_H
#define OD_CLI_VERIFY_VERIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

/*
 * `orderd verify` proves the books of a whole database, in one snapshot and beside a running
 * server. The fold of every order's events must equal the order's rows, and no event may be without
 * its order. Units must be where shipments, refunds and returns say. Money that went back must have
 * been captured. Invoices and credit memos must be numbered without gaps. Stock must be conserved
 * at each location: reserved = units of tracked items that are neither shipped nor cancelled; on
 * hand = what people put there − what is shipped + what is restocked. Positions in the ledger must
 * agree with the server, and no event may stand behind a cursor that has not read it
 * (store/server/position.h). The projections must say what the orders say; what is not folded into
 * them yet is folded first.
 */

struct od_loop;
struct od_pg_server;

struct od_verify_result {
    uint64_t orders, events;
    uint64_t differing; /* differences and broken rules, each with a line on `out` */
};

/* Runs the loop until the proof is done. progress: draw a bar on standard error. It fails when the
 * database could not be read. */
int od_verify_run(struct od_loop *loop, struct od_pg_server *server, FILE *out, bool progress,
                  struct od_verify_result *result, struct od_err *err) OD_MUST_CHECK;

#endif
