#ifndef OD_BASE_TERMINAL_PROGRESS_H
#define OD_BASE_TERMINAL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* A progress bar on standard error for work that takes more than a moment. It draws nothing when
 * the caller says that standard error is no terminal. */
struct od_progress {
    const char *what;
    bool on;
    int64_t began_us, drawn_us;
};

void od_progress_init(struct od_progress *p, const char *what, bool on);
void od_progress_show(struct od_progress *p, int64_t done, int64_t total); /* total 0: not known */
void od_progress_end(struct od_progress *p); /* leaves an empty line */

#endif
