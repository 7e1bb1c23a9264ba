#ifndef OD_CLI_IMPORT_IMPORT_H
#define OD_CLI_IMPORT_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

/*
 * `orderd import`: orders from elsewhere, driven through the same commands as any other, one atomic
 * unit per order. What is untidy in them is imported as it happened and reported by order and
 * reason; an order that is already there is left alone, so the same import may be run again, after
 * a failure too. Another order under a uuid or number that is taken fails, and the report names the
 * fields that differ.
 */

struct od_loop;
struct od_engine;

struct od_import_options {
    const char *format;      /* "olist" or "ndjson" */
    const char *path;        /* olist: a directory; ndjson: a file, or "-" for standard input */
    const char *report_path; /* NULL: orderd-import-report.ndjson in the working directory */
    bool progress;           /* draw a bar on standard error */
    uint32_t in_flight;      /* orders on their way at once, 1 to the engine's max_queue; 0: 512 */
};

/* How many orders were reported under one reason: an oddity, or the code of a refusal. */
struct od_import_reason {
    char name[64];
    uint64_t count;
};

enum { OD_IMPORT_REASONS = 64 }; /* further ones are counted as "other" */

struct od_import_summary {
    uint64_t orders; /* in the input */
    uint64_t imported, existed;
    uint64_t failed;                                    /* orders, and lines that are none */
    uint64_t stock;                                     /* SKUs whose stock was set */
    struct od_import_reason reasons[OD_IMPORT_REASONS]; /* most first */
    size_t reason_count;
    const char *report_path;
    int64_t took_us;
};

/*
 * Runs the loop until everything is imported; the engine is up and has rules. The report is a file
 * of one JSON object a line, {order, line?, reason, detail}, replaced by each run; it holds the
 * same lines when the import is run again. Orders that fail are counted and do not stop it. -1: the
 * input cannot be read, the report cannot be written, or the database went away; what is committed
 * by then stays.
 */
int od_import_run(struct od_loop *loop, struct od_engine *engine,
                  const struct od_import_options *options, struct od_import_summary *summary,
                  struct od_err *err) OD_MUST_CHECK;

void od_import_print(const struct od_import_summary *summary, FILE *out);

#endif
