// A shadow decides beside the rules that serve and changes nothing; what it would have done otherwise
// is counted and told.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

import { assertVerified, useServer, withServer } from './lib.mjs'

function shadowed(source, provides, options = {}) {
  const settings = { options: { 'shadow.load': 'candidate', 'shadow.share': '100', ...options } }
  settings.prepare = on => {
    on.writePlugin('candidate', source, { provides })
    on.options['shadow.dir'] = on.pluginsDir
  }
  return settings
}

const STRICT = `
oms.policy("order.cancel", function() return oms.refuse("too_late", "Nothing is cancelled here") end)
`
const server = await useServer(shadowed(STRICT, ['order.cancel']))

const shadow = async (on = server) => {
  const { status, text, body } = await on.get('/admin/shadow')
  assert.equal(status, 200, text)
  return body
}

test('a command that the shadow refuses is carried out, and told', async () => {
  const before = await shadow()
  assert.match(before.hash, /^[0-9a-f]{64}$/)
  const placed = await server.place()
  assert.equal((await shadow()).different, before.different, 'it places as the live rules do')
  const canceled = await server.post(`/api/orders/${placed.uuid}/cancel`)
  assert.equal(canceled.status, 200, canceled.text)
  assert.equal(canceled.body.status.code, 'canceled')

  const after = await shadow()
  assert.equal(after.decided, before.decided + 2)
  assert.equal(after.different, before.different + 1)
  const [told] = after.differences
  assert.equal(told.command, 'cancel')
  assert.equal(told.orderId, placed.orderId)
  assert.match(told.live, /^allowed, canceled/)
  assert.equal(told.candidate, 'refused too_late: Nothing is cancelled here')
  assert.equal(told.policy, 'order.cancel@candidate')
  const { text } = await server.get('/metrics')
  assert.match(text, new RegExp(`^orderd_shadow_differences_total ${after.different}$`, 'm'))
  await assertVerified(server)
})

test('stock is taken once', async () => {
  await server.client.setStock('SHADOWED', 3)
  const placed = await server.place({ items: [{ sku: 'SHADOWED', qty: 3, price: 1 }] })
  assert.equal((await server.client.stock('SHADOWED')).reserved, 3)
  assert.equal((await server.post(`/api/orders/${placed.uuid}/shipments`)).status, 201)
  assert.equal((await server.client.stock('SHADOWED')).qty, 0)
  await assertVerified(server)
})

test('a shadow that fails fails alone', async () => {
  await withServer(shadowed('oms.policy("order.status", function(order) return order.nothing end)', ['order.status']), async on => {
    const { status } = await on.place()
    assert.equal(status.code, 'pending')
    const { failed, differences: [told] } = await shadow(on)
    assert.equal(failed, 1)
    assert.match(told.candidate, /^refused policy_failed: .*candidate\/init\.lua:1/)
  })
})

test('one that cannot be loaded keeps nothing from serving', async () => {
  const broken = shadowed('this is not Lua', ['order.status'])
  await withServer(broken, async on => {
    await on.place()
    const told = await shadow(on)
    assert.equal(told.hash, null)
    assert.match(told.error, /candidate\/init\.lua:1/)
    assert.ok(told.error.includes(`[shadow] ${on.pluginsDir}`), told.error)
    const check = await on.run('check')
    assert.equal(check.code, 0, check.stderr)
    assert.match(check.stdout, /^warn +shadow: .*candidate\/init\.lua:1/m)
    const tried = await on.post('/admin/reload?dryRun=true')
    assert.match(tried.body.notes.join('\n'), /without a shadow: .*candidate\/init\.lua:1/)
    fs.writeFileSync(path.join(on.pluginsDir, 'candidate', 'init.lua'), STRICT.replace('order.cancel', 'order.status'))
    const { code, stderr } = await on.run('reload')
    assert.equal(code, 0, stderr)
    assert.match((await shadow(on)).hash, /^[0-9a-f]{64}$/)
  })
})
