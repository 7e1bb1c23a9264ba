#include "rules/activate/activation.h"
#include "server/admin.h"
#include "server/app.h"
#include "rules/activate/reload.h"
#include "base/buf.h"

/* Reloads, and what the control socket is asked. */

enum { ANSWER_MAX = 60 << 10 };

static void on_unattended(void *ctx, const struct od_err *err,
                          const struct od_reload_answer *answer)
{
    (void)ctx, (void)err, (void)answer; /* the reload has logged it */
}

void od_app_reload(struct od_app *app, const char *actor)
{
    const struct od_reload_request what = {.actor = actor};
    od_reload_request(app->reload, &what, on_unattended, app);
}

/* The first of what refuses is among the notes as well, when there are any of that sort. */
static void on_line_done(void *ctx, const struct od_err *err, struct od_str bundle,
                         struct od_str notes)
{
    struct od_buf answer;
    od_buf_init(&answer, ANSWER_MAX);
    if (err)
        od_buf_printf(&answer, "error %s%s%s\n", err->origin, err->origin[0] ? ": " : "",
                      err->message);
    else
        od_buf_printf(&answer, "ok %.*s\n", OD_STR_ARG(bundle));
    if (!err || !od_str_eq(od_str_slice(od_buf_view(&answer), 6, answer.len), notes))
        od_buf_str(&answer, notes);
    od_local_reply(ctx, od_buf_view(&answer));
    od_buf_fini(&answer);
}

/* The answer to a reload. The table of findings says more than the lines of refusals. */
static void on_reload_line_done(void *ctx, const struct od_err *err,
                                const struct od_reload_answer *a)
{
    struct od_buf text;
    od_buf_init(&text, ANSWER_MAX);
    struct od_str rest = a->refusals, first;
    od_str_cut(&rest, '\n', &first); /* that is the error */
    od_buf_str(&text, a->notes);
    od_buf_str(&text, a->table.len ? a->table : rest);
    on_line_done(ctx, err, a->bundle, od_buf_view(&text));
    od_buf_fini(&text);
}

void od_app_admin_line(void *ctx, struct od_local_request *r, struct od_str line)
{
    struct od_app *app = ctx;
    struct od_stored_choice which = {0};
    struct od_reload_request reload = {.actor = "orderd reload"};
    struct od_str rest = line, word;
    od_str_cut(&rest, ' ', &word);
    if (od_str_is(word, "reload")) {
        reload.dry_run = od_str_is(rest, "dry-run");
        od_reload_request(app->reload, &reload, on_reload_line_done, r);
    } else if (od_str_is(line, "rollback")) {
        which.before = true;
        od_activation_use(app->activation, &which, "rollback", OD_STR("orderd bundle"),
                          on_line_done, r);
    } else if (od_str_is(word, "activate")) {
        which.hash = rest.ptr ? rest : OD_STR("");
        od_activation_use(app->activation, &which, "activate", OD_STR("orderd bundle"),
                          on_line_done, r);
    } else {
        od_local_reply(r, OD_STR("error unknown request\n"));
    }
}
