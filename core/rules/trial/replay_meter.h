#ifndef OD_RULES_TRIAL_REPLAY_METER_H
#define OD_RULES_TRIAL_REPLAY_METER_H

#include <stdint.h>
#include <stdio.h>

/* Shows twice a second how far a replay is, in a line that is drawn over or as a JSON object on a
 * line. */

enum od_replay_progress { OD_REPLAY_QUIET = 0, OD_REPLAY_TERMINAL, OD_REPLAY_LINES };

struct od_replay_meter {
    enum od_replay_progress mode;
    FILE *out;
    int64_t began_us, shown_us;
};

void od_replay_meter_init(struct od_replay_meter *m, enum od_replay_progress mode, FILE *out);
void od_replay_meter_show(struct od_replay_meter *m, uint64_t orders, int64_t total,
                          uint64_t decisions);
void od_replay_meter_end(struct od_replay_meter *m); /* leaves an empty line */

#endif
