#ifndef OD_BASE_CLOCK_H
#define OD_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * Time is int64 microseconds since 1970-01-01T00:00:00Z. Tests set a fixed clock.
 *
 * What expires and what is due is decided by the database, with its clock, and by rules that
 * compare those times with their own. So a process that has a database takes its time from there:
 * the machine's clock counts while it agrees within a second. A jump of the machine's clock moves
 * nothing.
 */

int64_t od_clock_us(void); /* wall clock, or the fixed one */
/* Another clock, the database's, reads `us` now, give or take spread_us. Returns by how much
 * od_clock_us was put right: 0 when they agree. */
int64_t od_clock_follow(int64_t us, int64_t spread_us);
int64_t od_clock_monotonic_us(void); /* for durations; never fixed */
/* Processor time of the calling thread, for budgets: other work on the machine does not use it up.
 */
int64_t od_clock_thread_us(void);
void od_clock_fix(int64_t now_us); /* 0 returns to the real clock */

/* RFC 3339 in UTC with as many fraction digits as needed: 2017-07-09T21:57:05Z, …05.123456Z. */
void od_time_format(struct od_buf *b, int64_t us);
/* RFC 3339 with any offset; also "YYYY-MM-DD hh:mm:ss" read as UTC. Years 1970 to 9999. */
bool od_time_parse(struct od_str s, int64_t *us);
int od_time_year(int64_t us); /* calendar year in UTC */

#endif
