#ifndef OD_API_BULK_BULK_H
#define OD_API_BULK_BULK_H

#include "api/outcome.h"
#include "base/csv/csv.h"
#include "loop/loop.h"

/*
 * POST /api/batch: many commands in one request, each answered by itself. The body is read line by
 * line as the engine takes them, WINDOW at a time, so that lanes make large batches of them. Lines
 * that name the same order in the same way are carried out one after the other, in their order.
 * What a line needs lives in its own arena and goes with it; its answer stays until all are there,
 * or as many as a response can hold: then the next line is answered 413, and is the last. When the
 * caller goes away, so do the lines that were not begun.
 */

struct od_bulk_line {
    struct od_bulk *bulk;
    struct od_bulk_line *behind; /* waits for this one: the next of the same order */
    struct od_arena arena;
    size_t index;       /* among the answers */
    size_t number;      /* of the line it begins at, from 1 */
    struct od_str name; /* of the order or SKU, as the line has it; may be absent */
    struct od_str key;  /* what is taken in turn: see od_bulk_line_key */
    struct od_command command;
    struct od_submission submission;
    struct od_problem problem; /* status 0: none */
    struct od_read read;
    struct od_str answer; /* in `arena`: rendered when the batch was decided */
};

/* What a success is answered with. */
struct od_bulk_result {
    const struct od_rules *rules;
    const struct od_order *order;          /* NULL: stock */
    const struct od_stock *stock, *stocks; /* what was set; the first of the SKU's locations */
    int32_t ref_id;                        /* the shipment, payment, … */
    int status;
    bool replayed, dry_run;
};

/* One of NDJSON and CSV. */
struct od_bulk_format {
    const char *type; /* of the answer */
    /* Looks at the beginning of the body. False: it has been answered. */
    bool (*begin)(struct od_bulk *b);
    /* Reads the next line into a zeroed one whose arena is there; false at the end. A line that is
     * wrong has a problem. */
    bool (*next)(struct od_bulk *b, struct od_bulk_line *l);
    void (*write_result)(const struct od_bulk_line *l, const struct od_bulk_result *r,
                         struct od_buf *out);
    void (*write_problem)(const struct od_bulk_line *l, struct od_buf *out);
};

struct od_bulk {
    struct od_api *api;
    struct od_http_request *req;
    const struct od_bulk_format *format;
    struct od_str actor, key; /* Idempotency-Key of the request; may be absent */
    bool dry_run;
    struct od_map busy;     /* key -> struct od_bulk_line *, the last one of that order */
    struct od_str *answers; /* [count], in the request's arena */
    size_t count, cap;
    size_t answered;           /* bytes of answers */
    struct od_deferred turn;   /* more lines, after others had theirs */
    size_t in_flight, waiting; /* lines with the engine; behind others of their order */
    bool ended;                /* no line is left to read */
    struct od_buf scratch;

    struct od_str rest; /* NDJSON: what is left to read */
    size_t line;        /* NDJSON: lines read */
    struct od_csv csv;
    struct od_bulk_columns *columns; /* CSV */
};

extern const struct od_bulk_format od_bulk_ndjson, od_bulk_csv;

/* The line's problem, from a printf format; always false, for `return`. */
bool od_bulk_refuse(struct od_bulk_line *l, int status, const char *code, const char *fmt, ...)
    OD_PRINTF(4, 5);
/* Reads a body that belongs to the line into its command. False: its problem says why not. */
bool od_bulk_read_body(struct od_bulk_line *l, enum od_command_type type,
                       const struct od_json *body);
/* The order that the line names into its submission; false: it cannot name one. */
bool od_bulk_read_order(struct od_bulk_line *l, struct od_str name);

/* bulk_answer.c: the line's problem as its answer, and what a submission calls back. */
void od_bulk_write_problem(struct od_bulk_line *l);
void od_bulk_decided(void *ctx, const struct od_outcome *outcome);
void od_bulk_done(void *ctx, const struct od_err *err);
/* bulk.c: the line has its answer. The next of its order goes on, or a new one. */
void od_bulk_finish(struct od_bulk_line *l);

#endif
