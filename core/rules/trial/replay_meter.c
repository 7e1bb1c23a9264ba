#include "rules/trial/replay_meter.h"

#include <inttypes.h>

#include "base/clock.h"

enum { SHOW_US = 500000, NUMBER = 32 };

void od_replay_meter_init(struct od_replay_meter *m, enum od_replay_progress mode, FILE *out)
{
    *m = (struct od_replay_meter){.mode = mode, .out = out};
    m->began_us = m->shown_us = od_clock_monotonic_us();
}

/* 1,234,567 */
static const char *grouped(int64_t n, char text[NUMBER])
{
    char digits[NUMBER - 8];
    int len = snprintf(digits, sizeof digits, "%" PRId64, n), at = 0;
    for (int i = 0; i < len; i++) {
        text[at++] = digits[i];
        if ((len - i) % 3 == 1 && i + 1 < len)
            text[at++] = ',';
    }
    text[at] = '\0';
    return text;
}

static int64_t seconds_left(const struct od_replay_meter *m, int64_t done, int64_t total)
{
    double spent = (double)(m->shown_us - m->began_us) / 1e6;
    return done > 0 && total > done ? (int64_t)(spent * (double)(total - done) / (double)done) : 0;
}

void od_replay_meter_show(struct od_replay_meter *m, uint64_t orders, int64_t total,
                          uint64_t decisions)
{
    char of[2][NUMBER];
    int64_t now = od_clock_monotonic_us();
    if (m->mode == OD_REPLAY_QUIET || now - m->shown_us < SHOW_US)
        return;
    m->shown_us = now;
    int64_t left = seconds_left(m, (int64_t)orders, total);
    if (m->mode == OD_REPLAY_TERMINAL)
        fprintf(m->out, "\r%s of %s orders, %.1f M decisions, %" PRId64 " s left\x1b[K",
                grouped((int64_t)orders, of[0]), grouped(total, of[1]), (double)decisions / 1e6,
                left);
    else
        fprintf(m->out,
                "{\"progress\":{\"orders\":%" PRIu64 ",\"total\":%" PRId64 ",\"decisions\":%" PRIu64
                ",\"secondsLeft\":%" PRId64 "}}\n",
                orders, total, decisions, left);
    fflush(m->out);
}

void od_replay_meter_end(struct od_replay_meter *m)
{
    if (m->mode == OD_REPLAY_TERMINAL && m->shown_us != m->began_us)
        fprintf(m->out, "\r\x1b[K");
}
