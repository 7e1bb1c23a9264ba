#ifndef OD_CLI_DOCTOR_DOCTOR_H
#define OD_CLI_DOCTOR_DOCTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "loop/loop.h"

/*
 * `orderd doctor`: one line for each thing that was looked at, and for what is wrong a second one
 * that says what to do. A check is a row of a table (checks.c); it reports its findings, or fails
 * with an error, which is a finding, too.
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
    const char *check;      /* the name of the one that runs */
    uint32_t found[3];      /* by enum od_finding */
    int32_t migration;      /* of the database; 0: it has no schema */
    int64_t feeds;          /* running ones */
    int64_t clock_ahead_us; /* the server's clock before ours */
    int64_t round_trip_us;
};

struct od_doctor_check {
    const char *name;
    bool needs_schema;
    int (*run)(struct od_doctor *d, struct od_err *err);
};

/* In the order in which they run; ends with an empty name. */
extern const struct od_doctor_check od_doctor_checks[];

/* advice (NULL when there is nothing to do) is what somebody should do about it. */
void od_doctor_find(struct od_doctor *d, enum od_finding what, const char *advice, const char *fmt,
                    ...) OD_PRINTF(4, 5);

#endif
