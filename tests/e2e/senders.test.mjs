// The plugins that take other systems' messages in: Adyen, EasyPost, a warehouse, a fraud service and
// any that signs with an HMAC. Each message once, repeated, forged, old, early and out of order.
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'

import { assertVerified, findOrderd, ROOT, run, until } from './lib.mjs'
import { adyenItem, assaulted, SECRET, Sender, usePlugins } from './senders.mjs'

const server = await usePlugins({
  plugins: ['adyen', 'carrier', 'fraud-review', 'generic-hmac', 'warehouse'],
  grants: {
    adyen: 'commands', carrier: 'commands, sql.read', 'fraud-review': 'commands, notify',
    'generic-hmac': 'commands, sql.read', warehouse: 'commands',
  },
  settings: {
    adyen: { hmac_key: SECRET.adyen, merchant_account: 'TestMerchant' },
    carrier: { webhook_secret: SECRET.carrier, max_age: '3650d' },
    'fraud-review': { secret: SECRET.fraud },
    'generic-hmac': {
      secret: SECRET.generic, header: 'X-Hub-Signature', algorithm: 'sha512', encoding: 'base64', prefix: 'sha512=',
      time_header: 'X-Time', id: 'event.id', type: 'event.type', order: 'data.order', currency: 'data.currency',
      'on:till.paid': 'add_payment type=capture method=till amount=$data.amount transaction_id=$data.receipt',
      'on:till.note': 'add_activity comment=$data.text', 'on:till.hold': 'hold_order handle=till reason=$data.text',
    },
    warehouse: { secret: SECRET.warehouse },
  },
})
const [adyen, carrier, fraud, generic, warehouse] = ['adyen', 'carrier', 'fraud', 'generic', 'warehouse'].map(s => new Sender(server, s))

const ITEMS = [{ sku: 'MUG', qty: 2, price: 10 }, { sku: 'TEA', qty: 3, price: 5 }]
const place = (more = {}) => server.place({ items: ITEMS, ...more })
const read = order => server.client.order(order.uuid)
const minor = order => Math.round(order.grandTotal * 100)
const messages = async query => (await server.get(`/api/messages?limit=200&${query}`)).body.items
const types = order => order.payments.map(p => p.type)
const holds = order => order.holds.map(h => h.handle)
const eventually = (order, check, what) => until(async () => check(await read(order)), { what, timeout: 60_000 })

/** All orders of a list. */
function* permutations(list) {
  if (list.length < 2) yield list
  for (const [i, first] of list.entries()) {
    for (const rest of permutations(list.toSpliced(i, 1))) yield [first, ...rest]
  }
}

/**
 * Every order of the messages, each message twice, ends in the same: `state` of the placed order.
 * They are sent to one order each, made anew by `messagesOf`.
 */
async function anyOrder(sender, messagesOf, state, prepare = place) {
  const wanted = [], found = []
  for (const [i, indexes] of [...permutations(messagesOf({ orderNumber: '', grandTotal: 0 }).map((_, n) => n))].entries()) {
    const order = await prepare()
    const list = messagesOf(order)
    for (const n of indexes) for (const answer of [await sender.tell(list[n].message, list[n]), await sender.tell(list[n].message, list[n])]) {
      assert.ok([200, 202].includes(answer.status), answer.text)
    }
    if (i === 0) wanted.push(state(await read(order)))
    found.push(order)
  }
  for (const order of found) {
    await until(async () => {
      assert.deepEqual(state(await read(order)), wanted[0])
      return true
    }, { what: `the same end as ${JSON.stringify(wanted[0])}`, timeout: 60_000 })
  }
  return wanted[0]
}

const stranger = async (sender, message, options = {}) => {
  const failedBefore = (await messages('state=failed')).length
  const forged = await sender.told(message, 401, { secret: options.secret ?? 'whsec_Z3Vlc3NlZA==', ...options.forged })
  assert.equal(forged.body.code, 'bad_signature')
  assert.equal((await messages('state=failed')).length, failedBefore, 'a forged message is not kept')
}

// ---- Adyen

let psp = 0
const item = (order, eventCode, more = {}) => adyenItem({
  additionalData: { expiryDate: '03/2030', cardSummary: '1111' },
  amount: { currency: order.currency ?? 'USD', value: minor(order) },
  eventCode, eventDate: '2026-11-30T10:00:00+01:00', merchantAccountCode: 'TestMerchant',
  merchantReference: order.orderNumber, operations: ['CANCEL', 'CAPTURE', 'REFUND'], paymentMethod: 'visa',
  pspReference: `PSP${process.pid}${++psp}`, reason: '1234:1111:03/2030', success: 'true', ...more,
})

test('Adyen: authorised, captured, refunded, failed: the same in every order, each told twice', async () => {
  const end = await anyOrder(adyen, order => {
    const auth = `A${order.uuid}`, capture = `C${order.uuid}`, refund = `R${order.uuid}`
    return [
      { message: item(order, 'AUTHORISATION', { pspReference: auth }) },
      { message: item(order, 'CAPTURE', { pspReference: capture, originalReference: auth }) },
      { message: item(order, 'REFUND', { pspReference: refund, originalReference: auth }) },
      { message: item(order, 'REFUND_FAILED', { pspReference: refund, originalReference: auth }) },
    ]
  }, order => ({ payment: order.paymentStatus.code, types: types(order), holds: holds(order), refunds: order.refunds.length }))
  assert.deepEqual(end, { payment: 'refunded', types: ['authorize', 'capture', 'refund'], holds: ['refund-failed'], refunds: 1 })
})

test('Adyen is answered [accepted], also for what waits, and for what is signed and refused', async () => {
  const order = await place()
  assert.equal((await adyen.told(item(order, 'AUTHORISATION'))).text, '[accepted]')
  assert.equal((await adyen.told(item({ ...order, orderNumber: `NONE-${process.pid}` }, 'AUTHORISATION'))).text, '[accepted]')
  assert.equal((await adyen.told(item(order, 'REPORT_AVAILABLE'))).text, '[accepted]')
  const refused = item({ ...order, currency: 'JPY' }, 'AUTHORISATION')
  assert.equal((await adyen.told(refused)).text, '[accepted]')
  const kept = (await messages('source=adyen&state=failed'))[0]
  assert.match(kept.reason, /The order is in/)
  assert.deepEqual(JSON.parse(kept.body), refused)
  assert.deepEqual(types(await read(order)), ['authorize'])
})

test('Adyen: a cancellation voids, a chargeback takes, its reversal gives back', async () => {
  const voided = await place(), taken = await place()
  const authorised = async order => {
    const pspReference = `X${order.uuid}`
    await adyen.told(item(order, 'AUTHORISATION', { pspReference }))
    return pspReference
  }
  await adyen.told(item(voided, 'CANCELLATION', { originalReference: await authorised(voided) }))
  assert.deepEqual(types(await read(voided)), ['authorize', 'void'])
  const originalReference = await authorised(taken), pspReference = `D${taken.uuid}`
  await adyen.told(item(taken, 'CAPTURE', { originalReference }))
  await adyen.told(item(taken, 'NOTIFICATION_OF_CHARGEBACK', { originalReference, pspReference }))
  await adyen.told(item(taken, 'CHARGEBACK', { originalReference, pspReference }))
  assert.equal((await read(taken)).paymentStatus.code, 'charged_back')
  await adyen.told(item(taken, 'CHARGEBACK_REVERSED', { originalReference, pspReference }))
  assert.equal((await read(taken)).paymentStatus.code, 'paid')
  assert.deepEqual(holds(await read(taken)), ['dispute'])
})

test('Adyen: what is forged, of another account or changed on its way has no effect', async () => {
  const order = await place()
  const forged = item(order, 'AUTHORISATION')
  forged.notificationItems[0].NotificationRequestItem.amount.value = 1
  assert.equal((await adyen.told(forged, 401)).body.code, 'bad_signature')
  await adyen.told(adyenItem(item(order, 'AUTHORISATION').notificationItems[0].NotificationRequestItem, 'AA'.repeat(32)), 401)
  await adyen.told(item(order, 'AUTHORISATION', { merchantAccountCode: 'Another' })) // [accepted], and kept
  assert.deepEqual(types(await read(order)), [])
})

// ---- a carrier

// EasyPost/examples, official/fixtures/event-body.json, whose signature stands beside it.
const RECORDED = '{"description":"tracker.updated","mode":"production","previous_attributes":{"status":"in_transit"},"created_at":"2024-08-02T19:26:52.000Z","pending_urls":["https://example.com/easypost"],"completed_urls":[],"updated_at":"2024-08-02T19:26:52.000Z","id":"evt_1","user_id":"user_1","status":"pending","object":"Event","result":{"id":"trk_1","object":"Tracker","mode":"production","tracking_code":"1","status":"in_transit","status_detail":"arrived_at_facility","created_at":"2024-07-31T14:45:27Z","updated_at":"2024-08-02T19:26:51Z","signed_by":null,"weight":614.4,"est_delivery_date":"2024-08-05T00:00:00Z","shipment_id":null,"carrier":"FedEx","tracking_details":[{"object":"TrackingDetail","message":"Shipment information sent to FedEx","description":"Shipment information sent to FedEx","status":"pre_transit","status_detail":"label_created","datetime":"2024-07-31T15:00:00Z","source":"FedEx","carrier_code":"OC","tracking_location":{"object":"TrackingLocation","city":null,"state":null,"country":"US","zip":"32837"}},{"object":"TrackingDetail","message":"Picked up","description":"Picked up","status":"in_transit","status_detail":"arrived_at_facility","datetime":"2024-07-31T19:27:00Z","source":"FedEx","carrier_code":"PU","tracking_location":{"object":"TrackingLocation","city":"ORLANDO","state":"FL","country":"US","zip":"32809"}},{"object":"TrackingDetail","message":"Arrived at FedEx location","description":"Arrived at FedEx location","status":"in_transit","status_detail":"arrived_at_facility","datetime":"2024-07-31T22:35:00Z","source":"FedEx","carrier_code":"AR","tracking_location":{"object":"TrackingLocation","city":"ORLANDO","state":"FL","country":"US","zip":"32809"}},{"object":"TrackingDetail","message":"Departed FedEx location","description":"Departed FedEx location","status":"in_transit","status_detail":"departed_facility","datetime":"2024-08-01T14:42:13Z","source":"FedEx","carrier_code":"DP","tracking_location":{"object":"TrackingLocation","city":"ORLANDO","state":"FL","country":"US","zip":"32809"}},{"object":"TrackingDetail","message":"On the way","description":"On the way","status":"in_transit","status_detail":"unknown","datetime":"2024-08-02T02:46:19Z","source":"FedEx","carrier_code":"IT","tracking_location":{"object":"TrackingLocation","city":"KENLY","state":"NC","country":"US","zip":"27542"}},{"object":"TrackingDetail","message":"On the way","description":"On the way","status":"in_transit","status_detail":"unknown","datetime":"2024-08-02T18:35:20Z","source":"FedEx","carrier_code":"IT","tracking_location":{"object":"TrackingLocation","city":"EDISON TWP","state":"NJ","country":"US","zip":"08817"}},{"object":"TrackingDetail","message":"Arrived at FedEx location","description":"Arrived at FedEx location","status":"in_transit","status_detail":"arrived_at_facility","datetime":"2024-08-02T18:50:00Z","source":"FedEx","carrier_code":"AR","tracking_location":{"object":"TrackingLocation","city":"EDISON","state":"NJ","country":"US","zip":"08817"}}],"carrier_detail":{"object":"CarrierDetail","service":"FEDEX_GROUND","container_type":null,"est_delivery_date_local":"2024-08-05","est_delivery_time_local":null,"origin_location":"ORLANDO FL US","origin_tracking_location":{"object":"TrackingLocation","city":"ORLANDO","state":"FL","country":"US","zip":"32809"},"destination_location":"BROOKLYN HGTS NY US","destination_tracking_location":null,"guaranteed_delivery_date":null,"alternate_identifier":null,"initial_delivery_attempt":null},"finalized":false,"is_return":false,"public_url":"https://track.easypost.com/1"}}'

let events = 0
const tracked = (tracking_code, status, more = {}) => ({
  ...JSON.parse(RECORDED), id: `evt_${process.pid}_${++events}`, created_at: new Date().toISOString(), ...more,
  result: { ...JSON.parse(RECORDED).result, tracking_code, status, public_url: `https://track.easypost.com/${tracking_code}` },
})
const parcels = order => order.shipments.map(s => [s.trackingNumber, s.status.code ?? s.status, Boolean(s.deliveredAt)])
const shipped = async (...numbers) => {
  const order = await place()
  for (const [i, trackingNumber] of numbers.entries()) {
    const items = numbers.length === 1 ? undefined : [{ orderItemId: order.items[i].orderItemId, qty: ITEMS[i].qty }]
    const { status, text } = await server.post(`/api/orders/${order.uuid}/shipments`, { carrier: 'FedEx', trackingNumber, items })
    assert.equal(status, 201, text)
  }
  return order
}

test('EasyPost\'s recorded event has the signature that was recorded with it', async () => {
  const headers = { 'x-hmac-signature': 'hmac-sha256-hex=38f3f53c103713df81616a0a186d77141957323ec21d5fe9363db93840f527db' }
  await carrier.told(RECORDED, 202, { headers })
  await carrier.told(RECORDED.replace('in_transit', 'delivered'), 401, { headers })
  const order = await shipped('1')
  await eventually(order, o => o.shipments[0].trackingUrl === 'https://track.easypost.com/1', 'the link')
  assert.equal((await read(order)).shipments[0].deliveredAt, null)
})

test('carrier: statuses of two parcels in every order end the same', async () => {
  let n = 0
  const end = await anyOrder(carrier, order => {
    const [one, two] = order.numbers ?? ['', '']
    return [tracked(one, 'in_transit'), tracked(one, 'delivered'), tracked(two, 'out_for_delivery'), tracked(two, 'return_to_sender')]
      .map(message => ({ message }))
  }, order => ({
    delivered: order.shipments.map(s => Boolean(s.deliveredAt)), status: order.shipmentStatus.code,
    returns: order.returns.map(r => [r.status, r.items.map(i => i.qty)]),
  }), async () => {
    const numbers = [`T${process.pid}a${++n}`, `T${process.pid}b${n}`]
    return { ...await shipped(...numbers), numbers }
  })
  assert.deepEqual(end, { delivered: [true, false], status: 'partially_delivered', returns: [['approved', [3]]] })
})

test('carrier: a message before its parcel waits for it', async () => {
  const number = `EARLY${process.pid}`
  await carrier.told(tracked(number, 'delivered'), 202)
  const order = await shipped(number)
  await eventually(order, o => o.shipments[0].deliveredAt, 'the delivery')
})

test('carrier: forged and old messages', async () => {
  const number = `OLD${process.pid}`
  await shipped(number)
  await stranger(carrier, tracked(number, 'delivered'), { secret: 'guessed' })
  await carrier.told(tracked(number, 'delivered', { created_at: '2001-01-01T00:00:00Z' }), 422)
  await carrier.told(tracked(number, 'delivered', { description: 'batch.created' }))
})

// ---- a warehouse

const told = (type, order, lines, more = {}) => ({
  type, timestamp: new Date().toISOString(), data: { order: order.orderNumber, lines: lines.map(([sku, qty]) => ({ sku, qty })), ...more },
})

test('warehouse: packed, shipped in two parcels: the same in every order', async () => {
  const end = await anyOrder(warehouse, order => [
    { message: told('order.packed', order, [['MUG', 2], ['TEA', 2]]), id: `p${order.uuid}` },
    { message: told('order.shipped', order, [['MUG', 2], ['TEA', 1]], { tracking_number: `W1${order.uuid}`, carrier: 'DHL' }), id: `s1${order.uuid}` },
    { message: told('order.shipped', order, [['TEA', 1]], { tracking_number: `W2${order.uuid}` }), id: `s2${order.uuid}` },
    { message: told('order.short_picked', order, [['TEA', 1]]), id: `m${order.uuid}` },
  ], order => ({
    parcels: order.shipments.map(s => s.items.reduce((n, i) => n + i.qty, 0)).sort(), status: order.shipmentStatus.code,
    comments: order.activities.map(a => a.comment).filter(c => /Packed|Not found/.test(c)).sort(), open: order.items.map(i => i.qtyOpen ?? i.qty - i.qtyShipped),
  }))
  assert.deepEqual(end, {
    parcels: [1, 3], status: 'partially_shipped', comments: ['Not found in the warehouse: 1 × TEA', 'Packed: 2 × MUG, 2 × TEA'], open: [0, 1],
  })
})

test('warehouse: early, forged, old, and more than there is', async () => {
  const orderNumber = `WH-${process.pid}`
  await warehouse.told(told('order.shipped', { orderNumber }, [['MUG', 2]], { tracking_number: `E${process.pid}` }), 202)
  const order = await place({ orderNumber })
  await eventually(order, o => o.shipments.length === 1, 'the parcel')
  await stranger(warehouse, told('order.packed', order, [['MUG', 1]]))
  await warehouse.told(told('order.packed', order, [['MUG', 1]]), 401, { at: Date.now() - 3_600_000 })
  await warehouse.told(told('order.shipped', order, [['MUG', 1]]), 202)
  const [kept] = await messages('source=warehouse&state=parked')
  assert.match(kept.reason, /units_exceeded: There is less of MUG left to ship/)
  assert.equal((await read(order)).shipments.length, 1)
})

// ---- a fraud service

const verdict = (order, type, data = {}) => ({ type, timestamp: new Date().toISOString(), data: { order: order.uuid ?? order.orderNumber, ...data } })
const large = more => place({ items: [{ sku: 'RING', qty: 1, price: 900 }], ...more })

test('fraud: passed releases, failed cancels and wins in any order', async () => {
  const order = await large()
  assert.deepEqual(holds(order), ['fraud_review'])
  await fraud.told(verdict(order, 'FraudCheckPassed', { score: 12 }), 200, { id: `f${order.uuid}` })
  await fraud.told(verdict(order, 'FraudCheckPassed', { score: 12 }), 200, { id: `f${order.uuid}` })
  const released = await read(order)
  assert.deepEqual(holds(released), [])
  assert.equal(released.activities.filter(a => a.comment === 'Fraud check passed, score 12').length, 1)
  const end = await anyOrder(fraud, o => [
    { message: verdict(o, 'FraudCheckPassed'), id: `fp${o.uuid}` }, { message: verdict(o, 'FraudCheckFailed', { reason: 'Stolen card' }), id: `ff${o.uuid}` },
  ], o => ({ status: o.status.code, reason: o.cancelReason }), large)
  assert.deepEqual(end, { status: 'canceled', reason: 'Fraud check failed: Stolen card' })
})

test('fraud: early, forged and old verdicts', async () => {
  const orderNumber = `FR-${process.pid}`
  await fraud.told(verdict({ orderNumber }, 'FraudCheckPassed'), 202)
  const order = await large({ orderNumber })
  await eventually(order, o => o.holds.length === 0, 'the release')
  const held = await large()
  await stranger(fraud, verdict(held, 'FraudCheckPassed'))
  await fraud.told(verdict(held, 'FraudCheckPassed'), 401, { at: Date.now() + 3_600_000 })
  assert.deepEqual(holds(await read(held)), ['fraud_review'])
})

// ---- any system

const till = (order, type, data = {}, id = `till-${++events}`) => ({ event: { id, type }, data: { order: order.orderNumber, ...data } })

test('generic: a table says what a message does, once', async () => {
  const order = await place()
  for (let i = 0; i < 3; i++) await generic.told(till(order, 'till.paid', { amount: '35.00', receipt: 'B-1' }, `paid-${order.uuid}`))
  const paid = await read(order)
  assert.deepEqual(paid.payments.map(p => [p.type, p.amount, p.method, p.transactionId]), [['capture', 35, 'till', 'B-1']])
  await generic.told(till(order, 'till.note', { text: 'Called' }))
  assert.equal((await generic.told(till(order, 'till.opened'))).body.outcome, 'ignored')
  await stranger(generic, till(order, 'till.hold', { text: 'x' }), { secret: 'guessed' })
  await generic.told(till(order, 'till.hold', { text: 'x' }), 401, { at: Date.now() - 3_600_000 })
  const orderNumber = `TILL-${process.pid}`
  await generic.told(till({ orderNumber }, 'till.paid', { amount: 3500, receipt: 'B-2' }), 202)
  const early = await place({ orderNumber })
  await eventually(early, o => o.paymentStatus.code === 'paid', 'the payment')
})

test('long texts of a message are cut or refused, and none is an error of ours', async () => {
  const order = await large(), packed = await place()
  await fraud.told(verdict(order, 'FraudCheckFailed', { reason: 'ü'.repeat(2000) }))
  const canceled = await read(order)
  assert.match(canceled.cancelReason, /^Fraud check failed: ü+…$/)
  await warehouse.told(told('order.packed', packed, Array.from({ length: 400 }, (_, i) => [`${'S'.repeat(90)}${i}`, 1])))
  assert.match((await read(packed)).activities.at(-1).comment, /^Packed: 1 × S+0, .*…$/)
  const { body } = await generic.told(till(packed, 'till.hold', { text: 'x'.repeat(3000) }), 422)
  assert.equal(body.code, 'bad_message')
  assert.match(body.detail, /2000/)
  assert.doesNotMatch(server.log, /script_failed/)
})

test('a signed notification of Adyen cannot be cut into other parts', async () => {
  const victim = await place()
  const own = item({ ...victim, orderNumber: `A:${victim.orderNumber}` }, 'AUTHORISATION', { merchantAccountCode: 'X', originalReference: 'TestMerchant' })
  const one = own.notificationItems[0].NotificationRequestItem
  // PSP:TestMerchant:X:A:NUMBER:… read as PSP:TestMerchant, X, A, NUMBER …, and the same with the account in its place.
  for (const cut of [
    { pspReference: `${one.pspReference}:TestMerchant`, originalReference: 'X', merchantAccountCode: 'A' },
    { originalReference: 'TestMerchant:X', merchantAccountCode: 'A' }, { merchantAccountCode: 'X:A' },
  ]) {
    const moved = structuredClone(own)
    Object.assign(moved.notificationItems[0].NotificationRequestItem, { merchantReference: victim.orderNumber, ...cut })
    const { body } = await adyen.told(moved, 422)
    assert.deepEqual([body.code, body.detail], ['bad_message', 'Only merchantReference may have a colon'])
  }
  assert.deepEqual(types(await read(victim)), [])
})

test('generic: amounts of another currency than the order\'s pay nothing', async () => {
  const order = await place()
  const paid = (currency, receipt) => ({ ...till(order, 'till.paid', { amount: 3500, receipt, currency }) })
  assert.equal((await generic.told(paid('XTS', 'C-1'), 422)).body.code, 'wrong_currency')
  assert.equal((await read(order)).paymentStatus.code, 'pending')
  await generic.told(paid(order.currency.toLowerCase(), 'C-2'))
  assert.equal((await read(order)).paymentStatus.code, 'paid')
})

// ---- the stranger

test('every wrong form of a message is refused, ignored or waits, and pays, ships and releases nothing', async () => {
  const order = await large(), parcel = await shipped(`H${process.pid}`)
  const resign = form => {
    try {
      const message = JSON.parse(form)
      const one = message.notificationItems[0].NotificationRequestItem
      return form.replace(/"hmacSignature":"[^"]*"/, JSON.stringify(adyenItem(one).notificationItems[0].NotificationRequestItem.additionalData).match(/"hmacSignature":"[^"]*"/)[0])
    } catch {
      return form
    }
  }
  const before = await read(order)
  const sent = [
    await assaulted(adyen, item({ ...order, currency: before.currency }, 'REPORT_AVAILABLE'), { wrap: resign }),
    await assaulted(adyen, item({ ...order, currency: 'XTS' }, 'CAPTURE'), { wrap: resign }),
    await assaulted(carrier, { ...tracked(`H${process.pid}`, 'pre_transit'), result: { tracking_code: `H${process.pid}`, status: 'pre_transit', public_url: 'https://x' } }),
    await assaulted(warehouse, told('order.shipped', order, [['NOT-ORDERED', 1]], { tracking_number: 'X' })),
    await assaulted(fraud, verdict(order, 'FraudCheckOpened', { score: 1, reason: 'x' })),
    await assaulted(generic, till({ orderNumber: 'NOBODY' }, 'till.paid', { amount: 1e15, receipt: 'x' })),
  ]
  assert.ok(sent.every(n => n > 50), String(sent))
  const after = await read(order)
  assert.deepEqual([after.version, types(after), holds(after), after.shipments], [before.version, [], ['fraud_review'], []])
  assert.deepEqual(parcels(await read(parcel)).map(p => p[2]), [false])
  for (const kept of await messages('state=failed')) assert.ok(kept.reason.length > 5, JSON.stringify(kept))
  assert.doesNotMatch(server.log, /script_failed/)
})

test('the plugins\' own tests, with a secret', async () => {
  const tests = {
    adyen: [`hmac_key=${SECRET.adyen}`], carrier: ['webhook_secret=secret'], warehouse: ['secret=whsec_c2VjcmV0'],
    'fraud-review': ['secret=whsec_c2VjcmV0'], stripe: ['signing_secret=whsec_x'], reminders: [], 'order-flow': [],
    'generic-hmac': ['secret=secret', 'on:paid=add_payment type=capture amount=$data.amount transaction_id=$data.ref', 'on:note=add_activity comment=$text'],
  }
  for (const [name, settings] of Object.entries(tests)) {
    const options = settings.flatMap(setting => ['-o', `plugin.${name}.${setting}`])
    const { code, stdout, stderr } = await run(findOrderd(), ['test', path.join(ROOT, 'plugins', name), ...options])
    assert.equal(code, 0, `${name}: ${stdout}${stderr}`)
  }
})

test('the books agree', () => assertVerified(server))
