#ifndef OD_BASE_CLOCK_H
#define OD_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * Time is int64 microseconds since 1970-01-01T00:00:00Z. Tests set a fixed clock.
 *
 * The database's clock decides when something expires or is due, and rules compare those times with
 * the process's own. So a process that has a database takes its time from there. The machine's
 * clock counts only while the two agree within a second. A jump of the machine's clock changes
 * nothing.
 */

int64_t od_clock_us(void); /* wall clock, or the fixed one */
/* The database's clock reads `us` now, give or take spread_us. Returns by how many microseconds
 * od_clock_us was put right: 0 when the two agree. */
int64_t od_clock_follow(int64_t us, int64_t spread_us);
int64_t od_clock_monotonic_us(void); /* for durations; never fixed */
/* Returns the processor time of the calling thread. Budgets are measured in it, because other work
 * on the machine does not use it up. */
int64_t od_clock_thread_us(void);
void od_clock_fix(int64_t now_us); /* 0 returns to the real clock */

/* Writes RFC 3339 in UTC with as many fraction digits as are needed: 2017-07-09T21:57:05Z,
 * …05.123456Z. */
void od_time_format(struct od_buf *b, int64_t us);
/* Reads RFC 3339 with any offset, and "YYYY-MM-DD hh:mm:ss" as UTC. The year must be 1970 to
 * 9999. */
bool od_time_parse(struct od_str s, int64_t *us);
int od_time_year(int64_t us); /* calendar year in UTC */

#endif
