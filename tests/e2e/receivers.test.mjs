// Messages of other systems: verified by a plugin's receiver, carried out once however often they
// come, and kept and tried again while their order is not there or not that far.
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { test } from 'node:test'

import { assertVerified, until, useServer, withServer } from './lib.mjs'

const SECRET = 'topsecret'

const RULES = `
local function is_signed(message)
  local wanted = oms.hmac_sha256("${SECRET}", message.body)
  local given = oms.from_hex(message.headers["x-signature"] or "")
  return given ~= nil and oms.same(given, wanted)
end

oms.receiver("carrier", function(message)
  if not is_signed(message) then return oms.reject("bad_signature", "X-Signature does not fit the body") end
  local told = message.json
  if told.kind == "ping" then return oms.ignore("a ping changes nothing") end
  oms.message_id(told.id)
  if told.kind == "shipped" then
    oms.create_shipment(told.order, { carrier = "Post", tracking_number = told.tracking })
    oms.add_activity(told.order, "The carrier has it")
  elseif told.kind == "delivered" then
    local order = oms.order(told.order)
    if not order or #order.shipments == 0 then return oms.park("no parcel yet") end
    oms.update_shipment(told.order, 1, { status = "delivered" })
  elseif told.kind == "broken" then
    error("it does not work")
  end
end)
`

const server = await useServer({
  options: { 'plugins.load': 'carrier, small', 'script.task_timeout': '10m' },
  prepare: s => {
    const dir = path.join(s.pluginsDir, 'carrier')
    fs.mkdirSync(dir)
    fs.writeFileSync(path.join(dir, 'plugin.ini'), 'name = carrier\nversion = 1.0.0\napi = 1\ncapabilities = commands\n')
    fs.writeFileSync(path.join(dir, 'rules.lua'), RULES)
    const small = path.join(s.pluginsDir, 'small')
    fs.mkdirSync(small)
    fs.writeFileSync(path.join(small, 'plugin.ini'), 'name = small\nversion = 1.0.0\napi = 1\n[limits]\nmemory = 2m\n')
    fs.writeFileSync(path.join(small, 'rules.lua'), 'oms.receiver("small", function(message) return oms.ignore(#message.body .. " bytes") end)\n' +
      'oms.route("POST", "/small", function(request) return { json = { bytes = #request.body } } end)\n')
  },
  config: text => `${text}\n[grant]\ncarrier = commands\n`,
})

const sign = body => crypto.createHmac('sha256', SECRET).update(body).digest('hex')

/** Sends it as a stranger does: with no key, any content type, the signature over the bytes. */
async function tell(message, { signature, source = 'carrier' } = {}) {
  const body = typeof message === 'string' ? message : JSON.stringify(message)
  const answer = await fetch(`${server.url}/webhooks/${source}`, {
    method: 'POST', body, headers: { 'content-type': 'text/plain', 'x-signature': signature ?? sign(body) },
  })
  return { status: answer.status, body: await answer.json() }
}

const activities = order => order.activities.filter(a => a.comment === 'The carrier has it').length
const read = async uuid => (await server.get(`/api/orders/${uuid}`)).body

test('a message is carried out once, however often it comes', async () => {
  const placed = await server.place()
  const message = { id: 'm-1', kind: 'shipped', order: placed.orderNumber, tracking: 'T1' }
  const answers = await Promise.all(Array.from({ length: 8 }, () => tell(message)))
  for (const { status, body } of answers) assert.deepEqual({ status, body }, { status: 200, body: { outcome: 'accepted' } })
  assert.equal((await tell(message)).status, 200)
  const order = await read(placed.uuid)
  assert.equal(order.shipments.length, 1)
  assert.equal(activities(order), 1)
  const { body } = await server.get(`/api/orders/${placed.uuid}/events`)
  assert.ok(body.items.some(e => e.actor === 'webhook:carrier'))
})

test('what is not the sender\'s is rejected, and what says nothing of interest is ignored', async () => {
  const forged = await tell({ id: 'm-2', kind: 'ping' }, { signature: sign('something else') })
  assert.equal(forged.status, 401)
  assert.equal(forged.body.code, 'bad_signature')
  assert.equal((await tell({ kind: 'ping' }, { signature: 'zz' })).status, 401)
  assert.deepEqual((await tell({ kind: 'ping' })).body, { outcome: 'ignored', reason: 'a ping changes nothing' })
  assert.equal((await tell('{}', { source: 'nobody' })).status, 404)
})

test('a message that comes before its order is kept, and carried out when the order is there', async () => {
  const orderNumber = `EARLY-${process.pid}`
  const message = { id: 'm-3', kind: 'shipped', order: orderNumber, tracking: 'T3' }
  for (let i = 0; i < 2; i++) {
    const { status, body } = await tell(message)
    assert.equal(status, 202)
    assert.equal(body.outcome, 'parked')
    assert.match(body.reason, /order_not_found/)
  }
  const { body: { items } } = await server.get('/api/messages?state=parked&source=carrier')
  const [kept] = items.filter(m => m.senderId === 'm-3')
  assert.equal(items.filter(m => m.senderId === 'm-3').length, 1)
  assert.equal(JSON.parse(kept.body).order, orderNumber)
  const placed = await server.place({ orderNumber })
  await until(async () => (await read(placed.uuid)).shipments.length === 1, { what: 'the parcel' })
  await until(async () => (await server.get('/api/messages?state=done')).body.items.some(m => m.senderId === 'm-3'), { what: 'the message' })
  assert.equal(activities(await read(placed.uuid)), 1)
})

test('the beginning of a long message is shown, cut between characters', async () => {
  for (const [i, padding] of ['', 'x'].entries()) {
    const message = { id: `long-${i}`, kind: 'shipped', order: 'NOT-THERE', tracking: 'T', note: padding + 'é'.repeat(3000) }
    assert.equal((await tell(message)).status, 202)
    const kept = (await server.get('/api/messages')).body.items.find(m => m.senderId === `long-${i}`)
    assert.ok(kept.body.length > 1000 && JSON.stringify(message).startsWith(kept.body), kept.body.slice(0, 60))
  }
})

test('messages out of order end in the same order', async () => {
  const placed = await server.place()
  const delivered = await tell({ id: 'm-5', kind: 'delivered', order: placed.orderNumber })
  assert.deepEqual(delivered, { status: 202, body: { outcome: 'parked', reason: 'no parcel yet' } })
  assert.equal((await tell({ id: 'm-4', kind: 'shipped', order: placed.orderNumber, tracking: 'T4' })).status, 200)
  await until(async () => (await read(placed.uuid)).shipments[0]?.deliveredAt, { what: 'the delivery' })
})

test('while a receiver may still be at work on a message that was parked, nobody else tries it', async () => {
  const placed = await server.place()
  const parked = await tell({ id: 'm-slow', kind: 'delivered', order: placed.orderNumber })
  assert.equal(parked.body.outcome, 'parked')
  await server.withDatabase(async order => {
    // It is tried only once there is a parcel; then its receiver waits for the order, which somebody else has locked.
    await server.withDatabase(async message => {
      await message.query("begin; select 1 from message where sender_id = 'm-slow' for update")
      assert.equal((await server.post(`/api/orders/${placed.uuid}/shipments`, { carrier: 'Post', trackingNumber: 'SLOW' })).status, 201)
      await order.query('begin')
      await order.query('select 1 from orders where order_id = $1 for update', [placed.orderId])
    })
    await until(async () => (await server.sql("select 1 from message where sender_id = 'm-slow' and next_at > now() + interval '9 minutes'")).length,
      { what: 'the lease', timeout: 30_000 })
  })
  await until(async () => (await read(placed.uuid)).shipments[0].status === 'delivered', { what: 'it is carried out', timeout: 60_000 })
})

test('parked messages outlive the process, and a person can try or discard them', async () => {
  const orderNumber = `LATER-${process.pid}`
  assert.equal((await tell({ id: 'm-6', kind: 'shipped', order: orderNumber, tracking: 'T6' })).status, 202)
  assert.equal((await tell({ id: 'm-7', kind: 'shipped', order: 'NEVER-1', tracking: 'T7' })).status, 202)
  await server.kill()
  await server.start()
  const placed = await server.place({ orderNumber })
  const find = async id => (await server.get('/api/messages')).body.items.find(m => m.senderId === id)
  const retried = await server.post(`/api/messages/${(await find('m-6')).messageId}/retry`)
  assert.equal(retried.status, 200, retried.text)
  await until(async () => (await read(placed.uuid)).shipments.length === 1, { what: 'the parcel' })
  const { messageId } = await find('m-7')
  const discarded = await server.api('DELETE', `/api/messages/${messageId}`)
  assert.equal(discarded.status, 200, discarded.text)
  assert.equal(discarded.body.state, 'discarded')
  assert.equal((await server.api('DELETE', `/api/messages/${messageId}`)).status, 404)
})

test('one that is sent again is answered by what became of it, and tried anew when it had failed', async () => {
  const orderNumber = `AGAIN-${process.pid}`
  const find = async id => (await server.get('/api/messages')).body.items.find(m => m.senderId === id)
  const given = { id: 'm-20', kind: 'shipped', order: 'NEVER-20', tracking: 'T20' }
  assert.equal((await tell(given)).status, 202)
  assert.equal((await server.api('DELETE', `/api/messages/${(await find('m-20')).messageId}`)).status, 200)
  assert.deepEqual(await tell(given), { status: 200, body: { outcome: 'ignored', reason: 'Somebody has given this message up.' } })
  assert.equal((await find('m-20')).state, 'discarded')

  const failed = { id: 'm-21', kind: 'shipped', order: orderNumber, tracking: 'T21' }
  assert.equal((await tell(failed)).status, 202)
  await server.sql("update message set state = 'failed', finished_at = now(), attempts = 30, received_at = now() - interval '30 days' where sender_id = 'm-21'")
  assert.equal((await tell(failed)).body.outcome, 'parked')
  const waiting = await find('m-21')
  assert.equal(waiting.state, 'parked')
  assert.equal(waiting.finishedAt, null)
  assert.ok(Date.now() - Date.parse(waiting.receivedAt) < 86_400_000)
  const placed = await server.place({ orderNumber })
  await until(async () => (await find('m-21')).state === 'done', { what: 'the message' })
  assert.equal((await read(placed.uuid)).shipments.length, 1)
  // Its keys have expired meanwhile: what was carried out is not refused now.
  await server.sql('delete from idempotency_key')
  await server.post(`/api/orders/${placed.uuid}/holds`, { handle: 'h', reason: 'r' })
  assert.deepEqual(await tell(failed), { status: 200, body: { outcome: 'accepted' } })
  assert.equal((await find('m-21')).state, 'done')
})

test('a body as large as a request may be is read; one that the plugin has no room for is refused', async () => {
  const pad = (kind, bytes) => { const head = `{"kind":"${kind}","pad":"`; return head + 'x'.repeat(bytes - head.length - 2) + '"}' }
  for (const short of [0, 1, 8, 15, 16, 24, 25, 26, 64]) assert.equal((await tell(pad('ping', 2 ** 20 - short))).status, 200, `${short} bytes less than 1 MiB`)
  assert.equal((await tell(pad('ping', 2 ** 20 + 1))).status, 413)
  const own = await tell(pad('ping', 200_000), { source: 'small' })
  assert.deepEqual([own.status, own.body.code], [413, 'body_too_large'], own.body.detail)
  assert.match(own.body.detail, /131072 bytes/)
  assert.equal((await tell(pad('ping', 131_072), { source: 'small' })).status, 200)
  const route = await fetch(`${server.url}/small`, { method: 'POST', body: pad('x', 200_000), headers: { 'content-type': 'application/json' } })
  assert.equal(route.status, 413, await route.text())
})

test('a receiver that fails is told to the sender, who sends again', async () => {
  const broken = await tell({ id: 'm-8', kind: 'broken' })
  assert.equal(broken.status, 500)
  assert.equal(broken.body.code, 'receiver_failed')
  await until(() => /script_failed.*it does not work/.test(server.log), { what: 'the line of the log' })
  assert.equal((await tell({ id: 'm-9', kind: 'ping' }, { signature: sign('other') })).status, 401)
  assert.match((await server.get('/metrics')).text, /^orderd_messages_total\{outcome="rejected"\} [1-9]/m)
})

test('an order is found by its parcel or payment without reading all of them', async () => {
  await server.withDatabase(async session => {
    await session.query('begin')
    await session.query(`insert into shipment (order_id, shipment_id, shipment_number, tracking_number, status)
      select -i, 1, 'S' || i, case when i % 3 > 0 then 'T' || i end, 'shipped' from generate_series(1, 20000) i`)
    await session.query(`insert into payment (order_id, payment_id, type, amount, transaction_id, created_at)
      select -i, 1, 'capture', 1, case when i % 3 > 0 then 'ch_' || i end, now() from generate_series(1, 20000) i`)
    await session.query('analyze shipment, payment')
    // As core/store/query.c writes what oms.find_orders asks.
    for (const [table, alias, column] of [['shipment', 'shipments', 'tracking_number'], ['payment', 'payments', 'transaction_id']]) {
      await session.query(`prepare find_${table} as select orders.order_id from orders join ${table} ${alias} on ${alias}.order_id = orders.order_id
        where ${alias}."${column}" = $1::text::text order by orders."order_id" limit 20`)
      for (const mode of ['force_custom_plan', 'force_generic_plan']) {
        await session.query(`set local plan_cache_mode = ${mode}`)
        const plan = (await session.query(`explain execute find_${table}('T5000')`)).rows.map(r => r['QUERY PLAN']).join('\n')
        assert.match(plan, new RegExp(`Index .*${table}_${column}`), plan)
      }
    }
    await session.query('rollback')
  })
})

test('who guesses signatures is told to wait, and others are not', async () => {
  await withServer({ options: { 'receivers.rate': '2', 'receivers.forged_cost': '5' } }, async limited => {
    const send = (source, from) => new Promise((resolve, reject) => {
      const req = http.request(`${limited.url}/webhooks/${source}`, { method: 'POST', localAddress: from, agent: false }, res => {
        res.resume().on('end', () => resolve({ status: res.statusCode, wait: Number(res.headers['retry-after']) }))
      })
      req.on('error', reject).end('{}')
    })
    const answers = []
    while (answers.length < 50 && answers.at(-1)?.status !== 429) answers.push(await send('nobody', '127.0.0.1'))
    assert.ok(answers.length >= 5 && answers.length < 12, JSON.stringify(answers))
    assert.ok(answers.at(-1).wait >= 1 && answers.at(-1).wait <= 20, JSON.stringify(answers.at(-1)))
    assert.equal((await send('nobody', '127.0.0.2')).status, 404)
    assert.equal((await send('other', '127.0.0.1')).status, 404)
    assert.match((await limited.get('/metrics')).text, /^orderd_messages_limited_total [1-9]/m)
    await until(async () => (await send('nobody', '127.0.0.1')).status === 404, { what: 'the wait is over', timeout: 60_000 })
  })
})

test('the books agree', () => assertVerified(server))
