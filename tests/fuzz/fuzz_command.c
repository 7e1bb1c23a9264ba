#include "../unit/order/fixture.h"

#include "order/machine/parse.h"

/*
 * Request bodies from outside: each line is one command on the same small order, its first byte the
 * type (and which shipment or return, and whether it is history), the rest its JSON. Whatever
 * comes, the ledger, written and read back, adds up to the snapshot, and no unit is lost; fold
 * asserts the rest.
 */

static void check(struct shop *s)
{
    const char *diff = s->ledger_len ? shop_refold_diff(s) : NULL;
    if (diff) {
        fprintf(stderr, "ledger and snapshot differ: %s\n", diff);
        abort();
    }
    for (int i = 0; i < 6; i++) {
        const struct od_stock *stock = &s->skus[i];
        assert(stock->reserved >= 0 && stock->on_hand >= 0 && stock->oversold >= 0);
        assert(stock->backorder || stock->reserved <= stock->on_hand + stock->oversold);
    }
}

static void run_line(struct shop *s, struct od_str line)
{
    struct od_json *body;
    struct od_err err;
    struct od_problem_list problems = {.arena = &s->arena};
    struct od_command *c = OD_NEW(&s->arena, struct od_command);
    if (line.len == 0)
        return;
    unsigned first = (unsigned char)line.ptr[0];
    enum od_command_type type = (enum od_command_type)((first & 0x1f) % OD_COMMAND_TYPES);
    if (od_json_parse(&s->arena, od_str_slice(line, 1, line.len), 16, &body, &err) != 0)
        return;
    if (od_command_parse(type, body, &s->arena, OD_STR("EUR"), c, &problems) != 0) {
        assert(problems.count > 0);
        return;
    }
    assert(problems.count == 0);
    c->historical = first >= 0x80;
    c->sku = OD_STR("a");
    int32_t part = first & 0x20 ? 1 : 2;
    if (type == OD_COMMAND_UPDATE_SHIPMENT)
        c->shipment.shipment_id = part;
    if (type == OD_COMMAND_UPDATE_RETURN || type == OD_COMMAND_EXCHANGE)
        c->ret.return_id = part;
    struct before b = shop_before(s);
    if (shop_run(s, c) != OD_VERDICT_DONE)
        assert(shop_untouched(s, &b) && s->d.refusal.code.len > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct shop s;
    struct od_str rest = od_str_n(size > 0 ? (const char *)data : "", size), line;
    shop_open(&s);
    shop_open_east(&s, 3);
    /* An input that begins with a PLACE gets an empty place for it; others a placed order. */
    if (size > 0 && (data[0] & 0x1f) % OD_COMMAND_TYPES != OD_COMMAND_PLACE)
        shop_place(&s);
    s.env.track = OD_STOCK_KNOWN;
    while (od_str_cut(&rest, '\n', &line))
        run_line(&s, line);
    check(&s);
    shop_close(&s);
    return 0;
}
