#include "feed/targets/kind.h"
#include "feed/targets/kinds.h"

const struct od_target_kind *const od_target_kinds[] = {
    &od_target_log, &od_target_command, &od_target_webhook, &od_target_mail, &od_target_kafka, NULL,
};
