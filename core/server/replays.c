#include "server/replays.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/activate/serving.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/json/json.h"
#include "base/files.h"
#include "conf/conf.h"
#include "loop/child.h"
#include "order/model/policy.h"

/* TAIL: of its output, which ends in the latest progress or in what went wrong. */
enum { OUTPUT_MAX = 64 << 20, TAIL = 16 * 1024, BODY_DEPTH = 4, SAMPLES_MAX = 1000 };

enum state { STATE_NONE = 0, STATE_RUNNING, STATE_DONE, STATE_FAILED };

struct od_replays {
    struct od_serving *serving;
    struct od_child *child;
    enum state state;
    int64_t id, started_at, ended_at;
    int out_fd; /* what it writes, in memory; -1: none yet */
};

struct od_replays *od_replays_new(struct od_serving *serving)
{
    struct od_replays *r = calloc(1, sizeof *r);
    if (!r)
        abort();
    r->serving = serving;
    r->out_fd = -1;
    return r;
}

static void forget(struct od_replays *r)
{
    od_child_free(r->child);
    r->child = NULL;
    if (r->out_fd >= 0)
        close(r->out_fd);
    r->out_fd = -1;
}

void od_replays_free(struct od_replays *r)
{
    if (!r)
        return;
    if (r->child)
        od_child_kill(r->child, SIGTERM);
    forget(r);
    free(r);
}

static void on_exit_of(void *ctx, int status, int signum)
{
    struct od_replays *r = ctx;
    r->state = status == 0 && signum == 0 ? STATE_DONE : STATE_FAILED;
    r->ended_at = od_clock_us();
    od_child_free(r->child);
    r->child = NULL;
}

/* Its command line, in an arena. */
struct arguments {
    struct od_arena *arena;
    char **all;
    size_t count, cap;
};

static void add(struct arguments *args, const char *text)
{
    args->all = od_arena_grow(args->arena, args->all, args->count, &args->cap, sizeof(char *));
    args->all[args->count++] = text ? (char *)od_arena_str(args->arena, od_str_of(text)).ptr : NULL;
}

static void add_option(struct arguments *args, const char *name, struct od_str value)
{
    add(args, od_arena_printf(args->arena, "--%s=%.*s", name, OD_STR_ARG(value)).ptr);
}

static int wrong(struct od_err *err, const struct od_json *member, const char *what)
{
    return od_err_set(err, OD_ERR_INVALID, "\"%.*s\" must be %s", OD_STR_ARG(member->key), what);
}

static int add_policies(struct arguments *args, const struct od_json *list, struct od_err *err)
{
    if (list->type != OD_JSON_ARRAY)
        return wrong(err, list, "an array of questions like \"order.cancel\"");
    for (const struct od_json *q = list->child; q; q = q->next) {
        bool known = false;
        for (int i = 0; i < OD_QUESTIONS; i++)
            known = known || od_str_eq(q->text, od_question_name((enum od_question)i));
        if (q->type != OD_JSON_STRING || !known)
            return wrong(err, list, "an array of questions like \"order.cancel\"");
        add_option(args, "policy", q->text);
    }
    return 0;
}

static bool is_time(const char *name)
{
    return strcmp(name, "since") == 0 || strcmp(name, "until") == 0;
}

static int add_text(struct arguments *args, const struct od_json *m, const char *name,
                    struct od_err *err)
{
    int64_t at;
    if (m->type != OD_JSON_STRING)
        return wrong(err, m, "a text");
    if (is_time(name) && !od_time_parse(m->text, &at))
        return wrong(err, m, "a time like 2026-01-31T00:00:00Z");
    if ((strcmp(name, "plugins") == 0 || strcmp(name, "scripts") == 0) &&
        od_path_is_dir(od_arena_str(args->arena, m->text).ptr, err))
        return -1;
    add_option(args, name, m->text);
    return 0;
}

static int add_member(struct arguments *args, const struct od_json *m, struct od_err *err)
{
    static const char *const texts[] = {"plugins", "scripts", "load", "bundle", "since", "until"};
    int64_t samples;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (od_str_is(m->key, texts[i]))
            return add_text(args, m, texts[i], err);
    }
    if (od_str_is(m->key, "policies"))
        return add_policies(args, m, err);
    if (od_str_is(m->key, "hooks")) {
        if (m->type != OD_JSON_BOOL)
            return wrong(err, m, "true or false");
        if (!m->boolean)
            add(args, "--no-hooks");
        return 0;
    }
    if (!od_str_is(m->key, "samples"))
        return od_err_set(err, OD_ERR_INVALID, "\"%.*s\" is unknown", OD_STR_ARG(m->key));
    if (!od_json_i64(m, 0, SAMPLES_MAX, &samples))
        return wrong(err, m, "an integer from 0 to 1000");
    add(args, od_arena_printf(args->arena, "--limit-samples=%lld", (long long)samples).ptr);
    return 0;
}

static int make_arguments(const struct od_conf *conf, struct od_str body, struct arguments *args,
                          struct od_err *err)
{
    struct od_json *json;
    add(args, "orderd");
    add(args, "replay");
    add(args, "-c");
    add(args, conf->file.ptr);
    for (size_t i = 0; i < conf->override_count; i++) {
        add(args, "-o");
        add(args, conf->overrides[i]);
    }
    add(args, "--json");
    add(args, "--progress");
    if (body.len > 0) {
        if (od_json_parse(args->arena, body, BODY_DEPTH, &json, err))
            return -1;
        if (json->type != OD_JSON_OBJECT)
            return od_err_set(err, OD_ERR_INVALID, "The body must be a JSON object");
        for (const struct od_json *m = json->child; m; m = m->next) {
            if (add_member(args, m, err))
                return -1;
        }
    }
    add(args, NULL);
    return 0;
}

static int spawn(struct od_replays *r, const struct arguments *args, struct od_err *err)
{
    struct od_child_options options = {.file = "/proc/self/exe", .argv = args->all};
    forget(r);
    r->state = STATE_NONE;
    r->out_fd = memfd_create("replay", MFD_CLOEXEC);
    if (r->out_fd < 0)
        return od_err_set(err, OD_ERR_IO, "no memory for a replay's report: %s", strerror(errno));
    options.out_fd = r->out_fd;
    r->child = od_child_spawn(r->serving->loop, &options, on_exit_of, r, err);
    if (!r->child)
        return -1;
    r->state = STATE_RUNNING;
    r->started_at = od_clock_us();
    r->id++;
    return 0;
}

int od_replays_start(struct od_replays *r, struct od_str body, struct od_buf *json,
                     struct od_err *err)
{
    struct od_arena arena;
    int status = 202;
    if (r->state == STATE_RUNNING) {
        (void)od_err_set(err, OD_ERR_LIMIT, "Replay %lld is still running", (long long)r->id);
        return 409;
    }
    od_arena_init(&arena);
    struct arguments args = {.arena = &arena};
    if (make_arguments(r->serving->conf, body, &args, err))
        status = 400;
    else if (spawn(r, &args, err))
        status = 503;
    else
        od_buf_printf(json, "{\"id\":%lld,\"status\":\"running\"}", (long long)r->id);
    od_arena_fini(&arena);
    return status;
}

/* Reads the output, from its last `most` bytes on. */
static void read_output(const struct od_replays *r, size_t most, struct od_buf *out)
{
    struct stat st;
    if (r->out_fd < 0 || fstat(r->out_fd, &st) != 0)
        return;
    size_t size = (size_t)st.st_size, from = size > most ? size - most : 0;
    char *to = od_buf_reserve(out, size - from);
    ssize_t n = to ? pread(r->out_fd, to, size - from, (off_t)from) : 0;
    if (n > 0)
        od_buf_commit(out, (size_t)n);
}

/* The last whole line that begins so; absent when there is none. */
static struct od_str last_line(const struct od_buf *text, const char *prefix)
{
    struct od_str rest = od_buf_view(text), line, found = OD_STR_NONE;
    while (od_str_cut(&rest, '\n', &line)) {
        if (rest.ptr && line.len > 0 && od_str_starts_with(line, od_str_of(prefix)))
            found = line;
    }
    return found;
}

static void write_progress(const struct od_replays *r, struct od_json_writer *w)
{
    static const char begin[] = "{\"progress\":";
    struct od_buf text;
    od_buf_init(&text, TAIL);
    read_output(r, TAIL, &text);
    struct od_str line = last_line(&text, begin);
    if (line.ptr) {
        od_jw_key(w, "progress");
        od_jw_raw(w, od_str_slice(line, sizeof begin - 1, line.len - 1));
    }
    od_buf_fini(&text);
}

static void write_report(const struct od_replays *r, struct od_json_writer *w)
{
    struct od_buf text;
    od_buf_init(&text, OUTPUT_MAX);
    read_output(r, OUTPUT_MAX, &text);
    struct od_str line = last_line(&text, "{\"candidate\"");
    od_jw_key(w, "report");
    if (line.ptr)
        od_jw_raw(w, line);
    else
        od_jw_null(w);
    od_buf_fini(&text);
}

static void write_error(const struct od_replays *r, struct od_json_writer *w)
{
    static const char begin[] = "orderd: ";
    struct od_buf text;
    od_buf_init(&text, TAIL);
    read_output(r, TAIL, &text);
    struct od_str line = last_line(&text, begin);
    if (line.ptr)
        line = od_str_slice(line, sizeof begin - 1, line.len);
    else
        line = last_line(&text, "");
    od_jw_key(w, "error");
    od_jw_str(w, line.ptr ? line : OD_STR("it was ended"));
    od_buf_fini(&text);
}

static void write_time(struct od_json_writer *w, const char *key, int64_t at)
{
    od_jw_key(w, key);
    od_jw_time(w, at);
}

void od_replays_status(const struct od_replays *r, struct od_buf *json)
{
    static const char *const names[] = {"none", "running", "done", "failed"};
    struct od_json_writer w;
    od_jw_init(&w, json);
    od_jw_object(&w);
    od_jw_key(&w, "status");
    od_jw_cstr(&w, names[r->state]);
    if (r->state != STATE_NONE) {
        od_jw_key(&w, "id");
        od_jw_i64(&w, r->id);
        write_time(&w, "startedAt", r->started_at);
    }
    if (r->state == STATE_DONE || r->state == STATE_FAILED)
        write_time(&w, "endedAt", r->ended_at);
    if (r->state == STATE_RUNNING)
        write_progress(r, &w);
    if (r->state == STATE_DONE)
        write_report(r, &w);
    if (r->state == STATE_FAILED)
        write_error(r, &w);
    od_jw_object_end(&w);
}
