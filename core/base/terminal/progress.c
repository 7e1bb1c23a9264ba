#include "base/terminal/progress.h"

#include <stdio.h>

#include "base/clock.h"

enum { REDRAW_US = 100000, WIDTH = 30 };

void od_progress_init(struct od_progress *p, const char *what, bool on)
{
    *p = (struct od_progress){.what = what, .on = on, .began_us = od_clock_monotonic_us()};
}

void od_progress_show(struct od_progress *p, int64_t done, int64_t total)
{
    int64_t now = od_clock_monotonic_us();
    if (!p->on || now - p->drawn_us < REDRAW_US)
        return;
    p->drawn_us = now;
    double seconds = (double)(now - p->began_us) / 1e6 + 1e-6;
    if (total <= 0) {
        fprintf(stderr, "\r%s %lld, %.0f/s \x1b[K", p->what, (long long)done,
                (double)done / seconds);
        return;
    }
    int filled = (int)(done * WIDTH / total);
    char bar[WIDTH + 1];
    for (int i = 0; i < WIDTH; i++)
        bar[i] = i < filled ? '#' : '.';
    bar[WIDTH] = '\0';
    fprintf(stderr, "\r%s [%s] %lld/%lld %3d%%, %.0f/s \x1b[K", p->what, bar, (long long)done,
            (long long)total, (int)(done * 100 / total), (double)done / seconds);
}

void od_progress_end(struct od_progress *p)
{
    if (p->on && p->drawn_us)
        fprintf(stderr, "\r\x1b[K");
}
