#ifndef OD_CLI_DOCTOR_DOCTOR_H
#define OD_CLI_DOCTOR_DOCTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "loop/loop.h"

/*
 * `orderd doctor` prints one line for each thing that it looks at, and a second one that says what
 * to do when something is wrong. A check is a row of a table (checks.c). It reports its findings,
 * or fails with an error, which is a finding, too.
 */
struct od_conf;
struct od_pg_conn;

enum od_finding {
    OD_FINDING_FINE = 0,
    OD_FINDING_NOTE,  /* worth knowing; the exit status stays 0 */
    OD_FINDING_WRONG, /* exit status 1 */
};

struct od_doctor {
    const struct od_conf *conf;
    struct od_loop *loop;
    struct od_pg_conn *conn;
    const char *check;      /* the name of the check that runs */
    uint32_t found[3];      /* by enum od_finding */
    int32_t migration;      /* the last one of the database; 0: it has no schema */
    int64_t feeds;          /* feeds that run */
    int64_t clock_ahead_us; /* how far the server's clock is before ours */
    int64_t round_trip_us;
};

struct od_doctor_check {
    const char *name;
    bool needs_schema;
    int (*run)(struct od_doctor *d, struct od_err *err);
};

/* The checks in the order in which they run. The last row has a NULL name. */
extern const struct od_doctor_check od_doctor_checks[];

/* Reports a finding of the check that runs. advice says what somebody should do about it; NULL:
 * nothing. */
void od_doctor_find(struct od_doctor *d, enum od_finding what, const char *advice, const char *fmt,
                    ...) OD_PRINTF(4, 5);

#endif
