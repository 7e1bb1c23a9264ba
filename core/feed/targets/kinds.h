#ifndef OD_FEED_TARGETS_KINDS_H
#define OD_FEED_TARGETS_KINDS_H

#include "feed/targets/kind.h"

/* The rows of the table, each in the file or folder of its name. */
extern const struct od_target_kind od_target_log;
extern const struct od_target_kind od_target_command;
extern const struct od_target_kind od_target_webhook;
extern const struct od_target_kind od_target_mail;
extern const struct od_target_kind od_target_kafka;

#endif
