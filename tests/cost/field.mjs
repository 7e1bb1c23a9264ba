// A field of the order: what a gift card says. It is placed, kept, shown, and seen by rules.
import assert from 'node:assert/strict'

export const title = 'a field of the order'
export const limit = 3
export const targets = ['test_order_parts', 'test_script_parts', 'test_store_parts']

export function edit(tree) {
  tree.after('core/order/model/model.h', '    struct od_str coupon;\n', '    struct od_str gift_message;\n')
  tree.replace('core/order/model/fields.c', /(#define ENTITY od_order\n[^}]*?)\};/,
    found => found.replace(/\};$/, '    STR(gift_message, "giftMessage", IN | PLACED, NAME),\n};'))
  tree.migration('gift_message', 'alter table orders add column gift_message text;\n')
}

export async function prove(server) {
  const placed = await server.place({ giftMessage: 'For Ana' })
  assert.equal(placed.giftMessage, 'For Ana')
  const { components: { schemas } } = (await server.get('/openapi.json')).body
  assert.ok(schemas.Order.properties.giftMessage && schemas.OrderInput.properties.giftMessage)
  await server.restart()
  assert.equal((await server.client.order(placed.uuid)).giftMessage, 'For Ana')
}
