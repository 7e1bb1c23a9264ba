#ifndef OD_READ_REPORTS_REPORTS_H
#define OD_READ_REPORTS_REPORTS_H

#include "read/projection/projection.h"

/* The projection that reports are answered from. store/search/reports.h asks it. */
extern const struct od_projection od_reports_projection;

#endif
