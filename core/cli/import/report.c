#include "cli/import/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json/json.h"

enum { LINE_MAX_BYTES = 64 << 10 };

int od_import_report_open(struct od_import_report *r, const char *path,
                          struct od_import_summary *summary, struct od_err *err)
{
    *r = (struct od_import_report){.path = path, .summary = summary};
    r->file = fopen(path, "we");
    if (!r->file)
        return od_err_set(err, OD_ERR_IO, "cannot write the report %s: %s", path, strerror(errno));
    od_buf_init(&r->line, LINE_MAX_BYTES);
    return 0;
}

static void count(struct od_import_summary *s, const char *reason)
{
    size_t i = 0;
    if (s->reason_count == OD_IMPORT_REASONS - 1)
        reason = "other";
    while (i < s->reason_count && strcmp(s->reasons[i].name, reason) != 0)
        i++;
    if (i == s->reason_count)
        snprintf(s->reasons[s->reason_count++].name, sizeof s->reasons[i].name, "%s", reason);
    s->reasons[i].count++;
}

static bool is_first(const struct od_import_unit *u, const struct od_import_note *note)
{
    const struct od_import_note *n = u->notes;
    while (n != note && strcmp(n->reason, note->reason) != 0)
        n = n->next;
    return n == note;
}

static void write_note(struct od_import_report *r, const struct od_import_unit *u,
                       const struct od_import_note *note)
{
    struct od_json_writer w;
    od_buf_reset(&r->line);
    od_jw_init(&w, &r->line);
    od_jw_object(&w);
    if (u->order.ptr) {
        od_jw_key(&w, "order");
        od_jw_str(&w, u->order);
    }
    if (u->line > 0) {
        od_jw_key(&w, "line");
        od_jw_i64(&w, (int64_t)u->line);
    }
    od_jw_key(&w, "reason");
    od_jw_cstr(&w, note->reason);
    od_jw_key(&w, "detail");
    od_jw_str(&w, note->detail);
    od_jw_object_end(&w);
    od_buf_char(&r->line, '\n');
    /* An error stays with the stream until it is closed. */
    fwrite(r->line.ptr, 1, r->line.len, r->file);
}

void od_import_report_unit(struct od_import_report *r, const struct od_import_unit *u)
{
    for (const struct od_import_note *n = u->notes; n; n = n->next) {
        write_note(r, u, n);
        if (is_first(u, n))
            count(r->summary, n->reason);
    }
}

/* Most first, so that two runs print the same. */
static int by_count(const void *x, const void *y)
{
    const struct od_import_reason *a = x, *b = y;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return strcmp(a->name, b->name);
}

int od_import_report_close(struct od_import_report *r, struct od_err *err)
{
    qsort(r->summary->reasons, r->summary->reason_count, sizeof *r->summary->reasons, by_count);
    bool failed = ferror(r->file) != 0;
    failed = fclose(r->file) != 0 || failed;
    od_buf_fini(&r->line);
    if (failed)
        return od_err_set(err, OD_ERR_IO, "cannot write the report %s: %s", r->path,
                          strerror(errno));
    return 0;
}

void od_import_print(const struct od_import_summary *s, FILE *out)
{
    fprintf(out, "imported %llu of %llu orders, %llu were already there, %llu failed, in %.1f s\n",
            (unsigned long long)s->imported, (unsigned long long)s->orders,
            (unsigned long long)s->existed, (unsigned long long)s->failed,
            (double)s->took_us / 1e6);
    if (s->stock > 0)
        fprintf(out, "stock of %llu SKUs set\n", (unsigned long long)s->stock);
    for (size_t i = 0; i < s->reason_count; i++)
        fprintf(out, "%8llu  %s\n", (unsigned long long)s->reasons[i].count, s->reasons[i].name);
    fprintf(out, "report: %s\n", s->report_path);
}
