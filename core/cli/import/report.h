#ifndef OD_CLI_IMPORT_REPORT_H
#define OD_CLI_IMPORT_REPORT_H

#include <stdio.h>

#include "cli/import/import.h"
#include "cli/import/source.h"
#include "base/buf.h"

/* The report file of an import, and the counts by reason that the summary shows. */
struct od_import_report {
    FILE *file;
    const char *path;
    struct od_buf line;
    struct od_import_summary *summary;
};

int od_import_report_open(struct od_import_report *r, const char *path,
                          struct od_import_summary *summary, struct od_err *err) OD_MUST_CHECK;
/* Writes the unit's notes; an order counts once under each of its reasons. */
void od_import_report_unit(struct od_import_report *r, const struct od_import_unit *u);
/* Closes the report. It fails when not all of it could be written. */
int od_import_report_close(struct od_import_report *r, struct od_err *err) OD_MUST_CHECK;

#endif
