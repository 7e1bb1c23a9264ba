// A kind of part: a dispute that a customer has opened, with the command that opens it.
import assert from 'node:assert/strict'

export const title = 'a kind of part'
export const limit = 6
export const targets = ['test_order_table', 'test_order_parts', 'test_script_parts', 'test_store_parts']

const SOURCE = `#include "order/ledger/data.h"
#include "order/ledger/fold.h"
#include "order/machine/action.h"
#include "order/machine/body.h"
#include "order/machine/step.h"
#include "order/model/limits.h"

/* OPEN_DISPUTE: the customer disputes the order. */

static int decide(struct od_step *step)
{
    struct od_dispute *dispute = OD_NEW(step->env->arena, struct od_dispute);
    dispute->dispute_id = (int32_t)step->order->dispute_count + 1;
    dispute->reason = step->c->text;
    dispute->opened_at = step->at;
    struct od_event e = od_step_event(step, OD_EVENT_DISPUTE_OPENED);
    e.dispute = dispute;
    step->d->part_ids[OD_ENTITY_DISPUTE] = dispute->dispute_id;
    return od_step_emit(step, &e, OD_SETTLE_ORDER);
}

static void read_reason(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                        struct od_command *c)
{
    c->text = od_read_str(r, v, path, OD_REASON_MAX);
}

static void body(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                 struct od_command *out)
{
    static const struct od_member members[] = {{"reason", read_reason, false}, {0}};
    static const struct od_shape shape = {NULL, 0, members};
    od_read_shape(r, &shape, v, root, NULL, out);
    od_body_require(r, v, root, "reason");
}

static void actions(struct od_action_list *l)
{
    struct od_command c = {.type = OD_COMMAND_OPEN_DISPUTE, .text = OD_STR("-")};
    od_action_try(l, &c, (struct od_action){0});
}

static const struct od_service services[] = {
    {"open_dispute", "open_dispute", OD_COMMAND_OPEN_DISPUTE, OD_LEAD_TEXT, "reason",
     OD_TABLE_NONE},
    {0},
};

const struct od_command_kind od_open_dispute = {
    .name = "open_dispute",
    .alias = "disputes",
    .route = {"POST", "/api/orders/:id/disputes"},
    .creates = true,
    .answer = OD_ANSWER_PART,
    .part = OD_ENTITY_DISPUTE,
    .summary = "Record that the customer disputes an order",
    .body = body,
    .decide = decide,
    .emits = OD_EMITS(DISPUTE_OPENED),
    .is_step = true,
    .question = OD_QUESTIONS,
    .services = services,
    .actions = actions,
};

/* ---- dispute.opened: the dispute */

static void write(const struct od_event_form *f, const struct od_event *e)
{
    od_event_write_fields(f, OD_ENTITY_DISPUTE, e->dispute, ~UINT64_C(0));
}

static int read(struct od_event *e, struct od_json *data, struct od_arena *a, struct od_err *err)
{
    struct od_dispute *dispute = OD_NEW(a, struct od_dispute);

    e->dispute = dispute;
    return od_entity_read(&od_entities[OD_ENTITY_DISPUTE], data, dispute, a, err);
}

static int fold(struct od_order *o, const struct od_event *e, struct od_arena *a,
                struct od_err *err)
{
    if (e->dispute->dispute_id != (int32_t)o->dispute_count + 1)
        return od_err_set(err, OD_ERR_INVALID, "dispute %d does not follow", e->dispute->dispute_id);
    o->disputes =
        od_arena_grow(a, o->disputes, o->dispute_count, &o->dispute_cap, sizeof *o->disputes);
    o->disputes[o->dispute_count] = *e->dispute;
    o->disputes[o->dispute_count++].dirty = OD_DIRTY_NEW;
    return 0;
}

const struct od_event_kind od_event_dispute_opened = {
    .name = OD_STR_INIT("dispute.opened"),
    .write = write,
    .read = read,
    .fold = fold,
    .question = OD_QUESTIONS,
};
`

export function edit(tree) {
  tree.create('core/order/commands/dispute.c', SOURCE)
  tree.list('core/order/model/kinds.h', 'OD_COMMANDS', 'X(OPEN_DISPUTE, open_dispute)')
  tree.list('core/order/model/kinds.h', 'OD_EVENTS', 'X(DISPUTE_OPENED, dispute_opened)')
  tree.list('core/order/model/kinds.h', 'OD_ENTITIES', 'X(DISPUTE)')
  tree.list('core/order/model/kinds.h', 'OD_EVENT_PARTS', 'X(DISPUTE, od_dispute, dispute, "dispute")')
  tree.ahead('core/order/model/model.h', 'struct od_order {\n', `struct od_dispute {
    int32_t dispute_id;
    struct od_str reason;
    int64_t opened_at;
    enum od_dirty dirty;
};

`)
  tree.after('core/order/model/model.h', '    uint32_t change_count;\n', `    struct od_dispute *disputes;
    uint32_t dispute_count;
    size_t dispute_cap;
`)
  tree.ahead('core/order/model/fields.c', '#define TABLE(', `#define ENTITY od_dispute
static const struct od_field dispute_fields[] = {
    I32(dispute_id, "disputeId", KEY),
    STR(reason, "reason", IN, TEXT),
    TIME(opened_at, "openedAt", 0),
};
#undef ENTITY

`)
  tree.after('core/order/model/fields.c', /const struct od_entity od_entities\[OD_ENTITY_COUNT\] = \{\n/,
    '    [OD_ENTITY_DISPUTE] = TABLE("dispute", "dispute", dispute_fields, struct od_dispute),\n')
  tree.after('core/order/model/parts.c', /const struct od_part_kind od_part_kinds\[OD_ENTITY_COUNT\] = \{\n/,
    '    [OD_ENTITY_DISPUTE] = {LIST(DISPUTE, od_dispute, disputes, dispute)},\n')
  tree.migration('dispute', `create table dispute (
    order_id   int8 not null,
    dispute_id int4 not null,
    reason     text,
    opened_at  timestamptz,
    primary key (order_id, dispute_id)
);
`)
}

export async function prove(server) {
  const { uuid } = await server.place()
  const answer = await server.post(`/api/orders/${uuid}/disputes`, { reason: 'Not what I ordered' })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  assert.equal(answer.body.disputeId, 1)
  await server.post(`/api/orders/${uuid}/disputes`, { reason: 'Again' })
  const { paths, components: { schemas } } = (await server.get('/openapi.json')).body
  const { post } = paths['/api/orders/{id}/disputes']
  assert.match(JSON.stringify(post.requestBody), /DisputeInput/)
  assert.match(JSON.stringify(post.responses['201']), /schemas\/Dispute"/)
  assert.equal(schemas.Order.properties.disputes.items.$ref, '#/components/schemas/Dispute')
  assert.deepEqual(Object.keys(schemas.Dispute.properties).sort(), ['disputeId', 'openedAt', 'reason'])
  await server.restart()
  const { disputes } = await server.client.order(uuid)
  assert.deepEqual(disputes.map(dispute => dispute.reason), ['Not what I ordered', 'Again'])
}
