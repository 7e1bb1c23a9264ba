#ifndef OD_API_BULK_BULK_H
#define OD_API_BULK_BULK_H

#include "api/outcome.h"
#include "api/reach.h"
#include "base/csv/csv.h"
#include "loop/loop.h"

/*
 * POST /api/batch: many commands in one request, each answered by itself. The body is read line by
 * line as the engine takes them, WINDOW at a time, so that lanes make large batches of them. Lines
 * that name the same order in the same way are carried out one after the other, in their order.
 * What a line needs lives in its own arena and goes with it; its answer stays until all are there,
 * or as many as a response can hold: then the next line is answered 413, and is the last. When the
 * caller goes away, so do the lines that wait, here or in the engine's queues.
 */

struct od_bulk_line {
    struct od_list node; /* of the bulk's lines that are with the engine */
    struct od_bulk *bulk;
    struct od_bulk_line *behind; /* the next line of the same order, which waits for this one */
    struct od_arena arena;
    size_t index;       /* the place of its answer */
    size_t number;      /* the number of its first line in the body, from 1 */
    struct od_str name; /* the order or SKU as the line names it; may be absent */
    struct od_str key;  /* lines with the same key are taken in turn */
    struct od_command command;
    struct od_submission submission;
    struct od_problem problem; /* status 0: none */
    struct od_read read;
    struct od_api_changed changed; /* by this line, as it was decided last */
    struct od_str answer;          /* in `arena`; it is rendered when the batch is decided */
};

/* The data of a successful answer. */
struct od_bulk_result {
    const struct od_rules *rules;
    const struct od_order *order;          /* NULL: stock */
    const struct od_stock *stock, *stocks; /* the one that was set; the first of the SKU's
                                              locations */
    int32_t ref_id;                        /* the shipment, payment, … */
    int status;
    bool replayed, dry_run;
};

/* A format of the body: NDJSON or CSV. */
struct od_bulk_format {
    const char *type; /* of the answer */
    /* Looks at the beginning of the body. False: the request has been answered. */
    bool (*begin)(struct od_bulk *b);
    /* Reads the next line into *l, which is zeroed but for its arena; false at the end. A wrong
     * line gets a problem. */
    bool (*next)(struct od_bulk *b, struct od_bulk_line *l);
    void (*write_result)(const struct od_bulk_line *l, const struct od_bulk_result *r,
                         struct od_buf *out);
    void (*write_problem)(const struct od_bulk_line *l, struct od_buf *out);
};

struct od_bulk {
    struct od_api *api;
    struct od_http_request *req;
    const struct od_bulk_format *format;
    const struct od_principal *who;
    struct od_str key; /* Idempotency-Key of the request; may be absent */
    bool dry_run;
    struct od_map busy;     /* key -> struct od_bulk_line *, the last one of that order */
    struct od_str *answers; /* [count], in the request's arena */
    size_t count, cap;
    size_t answered;           /* bytes of answers */
    struct od_deferred turn;   /* more lines, after others had theirs */
    struct od_list lines;      /* with the engine */
    size_t in_flight, waiting; /* lines with the engine; behind others of their order */
    bool ended;                /* no line is left to read */
    struct od_buf scratch;
    struct od_api_changed changed;

    struct od_str rest; /* NDJSON: what is left to read */
    size_t line;        /* NDJSON: lines read */
    struct od_csv csv;
    struct od_bulk_columns *columns; /* CSV */
};

extern const struct od_bulk_format od_bulk_ndjson, od_bulk_csv;

/* Sets the line's problem from a printf format. It returns false, so that `return
 * od_bulk_refuse(…)` reads well. */
bool od_bulk_refuse(struct od_bulk_line *l, int status, const char *code, const char *fmt, ...)
    OD_PRINTF(4, 5);
/* Reads a body into the line's command. False: the line's problem says why not. */
bool od_bulk_read_body(struct od_bulk_line *l, enum od_command_type type,
                       const struct od_json *body);
/* Reads the order that the line names into its submission. False: the name cannot be one of an
 * order. */
bool od_bulk_read_order(struct od_bulk_line *l, struct od_str name);

/* answer.c: makes the line's problem its answer; and the callbacks of a submission. */
void od_bulk_write_problem(struct od_bulk_line *l);
void od_bulk_decided(void *ctx, const struct od_outcome *outcome);
void od_bulk_done(void *ctx, const struct od_err *err);
/* bulk.c: the line has its answer. The next line of its order goes on, or a new line is read. */
void od_bulk_finish(struct od_bulk_line *l);

#endif
