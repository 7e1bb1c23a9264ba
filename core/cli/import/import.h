#ifndef OD_CLI_IMPORT_IMPORT_H
#define OD_CLI_IMPORT_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

/*
 * `orderd import` brings in orders from elsewhere. They go through the same commands as any other
 * order, each as one unit that takes effect whole or not at all. Oddities are imported as they
 * happened and reported by order and reason. An order that is already there is left alone, so the
 * same import may be run again, also after a failure. Another order whose uuid or number is taken
 * fails, and the report names the fields that differ.
 */

struct od_loop;
struct od_engine;

struct od_import_options {
    const char *format;      /* "olist" or "ndjson" */
    const char *path;        /* olist: a directory; ndjson: a file, or "-" for standard input */
    const char *report_path; /* NULL: orderd-import-report.ndjson in the working directory */
    bool progress;           /* draw a progress bar on standard error */
    uint32_t in_flight;      /* the most orders under way, up to max_queue; 0: 512 */
};

/* Counts the orders that were reported for one reason: an oddity, or the code of a refusal. */
struct od_import_reason {
    char name[64];
    uint64_t count;
};

enum { OD_IMPORT_REASONS = 64 }; /* further ones are counted as "other" */

struct od_import_summary {
    uint64_t orders; /* in the input */
    uint64_t imported, existed;
    uint64_t failed;                                    /* orders, and lines that are no order */
    uint64_t stock;                                     /* SKUs whose stock was set */
    struct od_import_reason reasons[OD_IMPORT_REASONS]; /* the most frequent first */
    size_t reason_count;
    const char *report_path;
    int64_t took_us;
};

/*
 * Runs the loop until everything is imported. The engine must be up and have rules. Each run
 * replaces the report, a file with a JSON object on each line: {order, line?, reason, detail}. A
 * second run of the same import reports the same lines. Orders that fail are counted and do not
 * stop the import. It fails when the input cannot be read, the report cannot be written, or the
 * database goes away; what is committed by then stays.
 */
int od_import_run(struct od_loop *loop, struct od_engine *engine,
                  const struct od_import_options *options, struct od_import_summary *summary,
                  struct od_err *err) OD_MUST_CHECK;

void od_import_print(const struct od_import_summary *summary, FILE *out);

#endif
