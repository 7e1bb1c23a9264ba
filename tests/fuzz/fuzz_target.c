/*
 * The settings of a target from any text, as the API takes them: they are refused with a message,
 * or are shown as JSON without their secret, and their filters answer about an order, each as the
 * opposite of its negation.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json/json.h"
#include "conf/conf.h"
#include "feed/targets/conf.h"
#include "feed/targets/settings.h"
#include "order/model/model.h"

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

enum { SHOWN_MAX = 1 << 20, DEPTH = 8 };

static struct od_conf *conf(void)
{
    static struct od_conf *c;
    struct od_err err;
    if (!c)
        MUST(od_conf_parse("fuzz.ini", OD_STR("[feed]\nprivate_targets = yes\n"), NULL, 0, &c,
                           &err) == 0);
    return c;
}

static const struct od_order *order(void)
{
    static struct od_item item = {.sku = OD_STR_INIT("MUG")};
    static const struct od_order o = {
        .order_id = 7,
        .currency = OD_STR_INIT("EUR"),
        .status = OD_STR_INIT("pending"),
        .customer_email = OD_STR_INIT("ana@example.org"),
        .grand_total = 4998,
        .tags = OD_STR_INIT("[\"gift\"]"),
        .items = &item,
        .item_count = 1,
    };
    return &o;
}

/* eq and neq, in and nin differ about every order. */
static void ask(struct od_str line, struct od_arena *a)
{
    struct od_filters filters;
    struct od_err err;
    if (od_filters_read(line, NULL, a, &filters, &err))
        return;
    (void)od_filters_find(&filters, order());
    for (uint32_t i = 0; i < filters.count; i++) {
        struct od_filter f = filters.items[i], opposite = f;
        if (f.operation == OD_FILTER_EQ)
            opposite.operation = OD_FILTER_NEQ;
        else if (f.operation == OD_FILTER_IN)
            opposite.operation = OD_FILTER_NIN;
        else
            continue;
        MUST(od_filter_finds(&f, order()) != od_filter_finds(&opposite, order()));
    }
}

static void check_shown(struct od_str settings, struct od_str shown, struct od_arena *a)
{
    struct od_json *in, *out;
    struct od_err err;
    MUST(od_json_parse(a, shown, DEPTH, &out, &err) == 0 && out->type == OD_JSON_OBJECT);
    MUST(od_json_parse(a, settings, DEPTH, &in, &err) == 0);
    const struct od_json *secret = od_json_get(in, "secret"), *mask = od_json_get(out, "secret");
    MUST(!mask || memmem(mask->text.ptr, mask->text.len, "***", 3) || mask->text.len == 0);
    if (secret && mask && secret->text.len > 20)
        MUST(!memmem(shown.ptr, shown.len, secret->text.ptr, secret->text.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct od_arena a;
    struct od_buf shown;
    struct od_json_writer w;
    struct od_err err = {0};
    od_arena_init(&a);
    od_buf_init(&shown, SHOWN_MAX);
    od_jw_init(&w, &shown);
    const struct od_stored_target t = {OD_STR("fuzz"), od_str_n((const char *)data, size)};
    if (od_target_try(conf(), &t, &w, &err))
        MUST(err.message[0]);
    else
        check_shown(t.settings, od_buf_view(&shown), &a);
    ask(od_arena_str(&a, t.settings), &a);
    od_buf_fini(&shown);
    od_arena_fini(&a);
    return 0;
}
