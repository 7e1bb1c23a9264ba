#include "cli/bundles_print.h"

#include <stdio.h>

enum { HASH_SHOWN = 12 };

static struct od_str text_of(const struct od_json *o, const char *key)
{
    const struct od_json *v = od_json_get(o, key);
    return v && v->type != OD_JSON_NULL ? (v->text.ptr ? v->text : v->raw) : OD_STR("");
}

static struct od_str shown_hash(const struct od_json *o, const char *key)
{
    return od_str_slice(text_of(o, key), 0, HASH_SHOWN);
}

static void print_bundles(const struct od_json *all)
{
    printf("BUNDLE        STORED                FILES  PLUGINS\n");
    for (const struct od_json *b = all->child; b; b = b->next) {
        const struct od_json *active = od_json_get(b, "active"), *p = od_json_get(b, "plugins");
        printf("%.*s  %.*s  %5.*s ", OD_STR_ARG(shown_hash(b, "hash")),
               OD_STR_ARG(text_of(b, "createdAt")), OD_STR_ARG(text_of(b, "files")));
        for (p = p ? p->child : NULL; p; p = p->next)
            printf(" %.*s", OD_STR_ARG(p->text));
        printf("%s\n", active && active->boolean ? "  (active)" : "");
    }
}

static void print_activations(const struct od_json *all)
{
    printf("\nACTIVATION  BUNDLE        AT                    KIND           BY, REASON\n");
    for (const struct od_json *a = all->child; a; a = a->next) {
        struct od_str reason = text_of(a, "reason");
        printf("%10.*s  %.*s  %.*s  %-13.*s  %.*s%s%.*s\n", OD_STR_ARG(text_of(a, "activationId")),
               OD_STR_ARG(shown_hash(a, "bundle")), OD_STR_ARG(text_of(a, "at")),
               OD_STR_ARG(text_of(a, "kind")), OD_STR_ARG(text_of(a, "actor")),
               reason.len ? ": " : "", OD_STR_ARG(reason));
    }
}

static void print_processes(const struct od_json *all)
{
    printf("\nPROCESS                         BUNDLE        SINCE                 LAST SEEN\n");
    for (const struct od_json *p = all->child; p; p = p->next) {
        struct od_str error = text_of(p, "error");
        char name[160];
        snprintf(name, sizeof name, "%.*s:%.*s %.*s", OD_STR_ARG(text_of(p, "host")),
                 OD_STR_ARG(text_of(p, "pid")), OD_STR_ARG(text_of(p, "address")));
        printf("%-30s  %.*s  %.*s  %.*s%s%.*s\n", name, OD_STR_ARG(shown_hash(p, "bundle")),
               OD_STR_ARG(text_of(p, "startedAt")), OD_STR_ARG(text_of(p, "seenAt")),
               error.len ? "  error: " : "", OD_STR_ARG(error));
    }
}

void od_bundles_print(const struct od_json *overview)
{
    print_bundles(od_json_get(overview, "bundles"));
    print_activations(od_json_get(overview, "activations"));
    print_processes(od_json_get(overview, "processes"));
}
