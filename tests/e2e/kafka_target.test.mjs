// Events go to Kafka: in order per order, each at least once, whatever the brokers do.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { test } from 'node:test'

import { CloudEvent, Kafka as Binding } from 'cloudevents'

import { Cluster, skip } from './kafka.mjs'
import { assertVerified, until, useServer } from './lib.mjs'

const cluster = skip ? { brokers: 'nowhere:1' } : await Cluster.start(3)
if (!skip) {
  for (const name of ['orders', 'same']) await cluster.tell(`topic ${name} 4`)
}

const section = topic => `
[target.bus]
kind = kafka
brokers = ${cluster.brokers}
topic = ${topic}
events = *
source = /shop
timeout = 2s
kafka.linger.ms = 1
kafka.message.max.bytes = 5000
kafka.sasl.password = hush-hush
`
const server = await useServer({
  options: { 'feed.retry_min': '50ms', 'feed.retry_max': '200ms' },
  config: text => `${text}\n${skip ? '' : section('orders')}`,
})
const comment = (order, text) => server.post(`/api/orders/id:${order.orderId}/activities`, { comment: text })
const seqs = (found, order) => found.filter(m => m.key === order.uuid).map(m => JSON.parse(m.value).version)
/** Without what came again: kept is what came first. */
const once = list => list.filter((seq, i) => list.indexOf(seq) === i)
const upTo = n => Array.from({ length: n }, (_, i) => i + 1)

let found = skip ? [] : await cluster.read('orders')
const others = skip ? [] : await cluster.read('same')

test('an order’s events are in one partition, in order, as CloudEvents in binary mode', { skip }, async () => {
  const orders = await Promise.all(upTo(12).map(() => server.place()))
  for (const text of ['one', 'two', 'three']) await Promise.all(orders.map(order => comment(order, text)))
  for (const order of orders) {
    await until(() => seqs(found, order).length >= 4, { what: 'the records', timeout: 60_000 })
    assert.deepEqual(seqs(found, order), [1, 2, 3, 4])
    assert.equal(new Set(found.filter(m => m.key === order.uuid).map(m => m.partition)).size, 1)
  }
  assert.ok(new Set(found.map(m => m.partition)).size > 1, 'the orders are spread')
  const { key, value, headers, partition } = found.find(m => m.key === orders[0].uuid)
  assert.match(headers['content-type'], /^application\/json/)
  const event = Binding.toEvent({ key, value: JSON.parse(value), headers })
  assert.ok(event instanceof CloudEvent && event.validate())
  assert.deepEqual([event.type, event.source, event.subject, event.specversion], ['order.placed', '/shop', `order/${orders[0].orderId}`, '1.0'])
  assert.match(event.id, /^msg_\d+$/)
  assert.equal(event.data.orderNumber, orders[0].orderNumber)
  assert.equal(event.time, new Date(event.data.event.at).toISOString())
  // kafkajs, which chooses as Java clients do, puts the key into the same partition.
  await cluster.write('same', [{ key, value: 'x' }])
  const [same] = await until(() => others.length && others, { what: 'the record of kafkajs' })
  assert.equal(same.partition, partition)
})

test('brokers that are away for ten seconds lose nothing and mix up nothing', { skip }, async () => {
  const orders = await Promise.all(upTo(5).map(() => server.place()))
  await until(() => orders.every(order => seqs(found, order).length), { what: 'the first records', timeout: 60_000 })
  await cluster.tell('down')
  const since = Date.now()
  let rounds = 0
  while (Date.now() - since < 10_000) {
    rounds++
    for (const order of orders) assert.equal((await comment(order, `round ${rounds}`)).status, 201)
  }
  // An attempt ends after two seconds, and is noted as any other target's.
  await until(async () => (await server.sql(`select from delivery_attempt a join delivery d using (delivery_id)
    where d.target_name = 'bus' and a.error is not null`)).length, { what: 'an attempt that fails', timeout: 30_000 })
  await cluster.tell('up')
  found = await cluster.read('orders') // kafkajs takes long to find its brokers again
  for (const order of orders) {
    await until(() => once(seqs(found, order)).length === rounds + 1, { what: 'all records', timeout: 120_000 })
    assert.deepEqual(once(seqs(found, order)), upTo(rounds + 1))
  }
  assert.equal(server.log.match(/kafka_trouble client=target\.bus/g)?.length, 1, 'it is told once')
  await until(() => /kafka_well client=target\.bus/.test(server.log), { what: 'the line that it is well again' })
})

test('a producer that librdkafka gives up is made anew', { skip }, async () => {
  // CLUSTER_AUTHORIZATION_FAILED (31) for InitProducerId (22) is fatal to an idempotent producer. A new one is made at a reload.
  await cluster.tell('fail 22 31 3')
  server.editConfig(text => text.replace('linger.ms = 1', 'linger.ms = 2'))
  assert.equal((await server.run('reload')).code, 0)
  const order = await server.place()
  await until(() => seqs(found, order).length, { what: 'the record', timeout: 60_000 })
  assert.match(server.log, /kafka_fatal client=target\.bus code=CLUSTER_AUTHORIZATION_FAILED/)
})

test('kill -9 in between loses nothing; a record that comes again has the same id', { skip }, async () => {
  await cluster.tell('rtt 300')
  const orders = await Promise.all(upTo(5).map(() => server.place()))
  for (const order of orders) await comment(order, 'soon gone')
  await server.kill()
  await cluster.tell('rtt 0')
  await server.start()
  for (const order of orders) {
    await until(() => once(seqs(found, order)).length === 2, { what: 'the records', timeout: 60_000 })
    assert.deepEqual(once(seqs(found, order)), [1, 2])
    const ids = new Set(found.filter(m => m.key === order.uuid).map(m => m.headers.ce_id))
    assert.equal(ids.size, 2)
  }
})

test('what a hook sends goes by the same key, and a record that is too large is refused for good', { skip }, async () => {
  server.writePlugin('bus', `oms.on("order.placed", function(event, order)
  return oms.webhook { target = "bus", event = "order.new", data = { number = order.order_number } }
end)
oms.on("activity.added", function(event, order)
  return oms.webhook { target = "bus", event = "order.large", data = { text = ("x"):rep(9000) } }
end)
`, { capabilities: ['http:bus'] })
  server.editConfig(text => `${text.replace(/^;?#?\s*load\s*=.*$/m, 'load = bus')}\n[grant]\nbus = http:bus\n`)
  const reload = await server.run('reload')
  assert.equal(reload.code, 0, reload.stdout + reload.stderr)
  const order = await server.place()
  const record = await until(() => found.find(m => m.key === order.uuid && m.headers.ce_type === 'order.new'), { what: 'the record', timeout: 60_000 })
  assert.deepEqual(JSON.parse(record.value), { number: order.orderNumber })
  assert.equal((await comment(order, 'a large one')).status, 201)
  const refused = await until(async () => (await server.sql(`select last_error from delivery where order_id = $1 and name = 'order.large' and state = 'failed'`, [order.orderId]))[0],
    { what: 'the delivery that failed' })
  assert.match(refused.last_error, /too large/)
})

test('a configuration that librdkafka does not take is refused, in its words', { skip }, async () => {
  const good = fs.readFileSync(server.configFile, 'utf8')
  for (const [line, message] of [
    ['kafka.colour = blue', /\[target\.bus\]\s+kafka\.colour:\s+No\s+such\s+configuration\s+property/],
    ['kafka.security.protocol = magic', /kafka\.security\.protocol:\s+Invalid\s+value/],
    ['kafka.enable.idempotence = false', /kafka\.enable\.idempotence:\s+orderd\s+sets\s+it/],
    ['kafka.bootstrap.servers = x:1', /brokers/],
    ['kafka.security.protocol = ssl\nkafka.ssl.ca.location = /nowhere/ca.pem', /ca\.pem|ssl\.ca\.location/],
    ['colour = blue', /known\s+here\s+are[^]*kafka\.\*/],
  ]) {
    fs.writeFileSync(server.configFile, good.replace(/^kafka\.sasl\.password/m, `${line}\nkafka.sasl.password`))
    for (const command of ['reload', 'check']) {
      const { code, stdout, stderr } = await server.run(command)
      assert.notEqual(code, 0, line)
      assert.match(stdout + stderr, message)
    }
  }
  for (const text of [good.replace(/^topic = .*$/m, ''), good.replace(/^brokers = .*$/m, '')]) {
    fs.writeFileSync(server.configFile, text)
    assert.match((await server.run('check')).stderr, /is\s+needed/)
  }
  fs.writeFileSync(server.configFile, good)
  const { stdout } = await server.run(['check'], ['--print', '-o', 'target.bus.kafka.socket.timeout.ms=50000'])
  assert.match(stdout, /target\.bus\.kafka\.socket\.timeout\.ms = 50000/)
  assert.match(stdout, /target\.bus\.kafka\.sasl\.password = \*\*\*/)
  assert.doesNotMatch(server.log + stdout, /hush-hush/)
})

test('brokers that are not there hold up neither orders nor a stop', { skip }, async () => {
  await cluster.tell('down')
  const order = await server.place()
  assert.equal((await comment(order, 'the loop goes on')).status, 201)
  await server.restart() // fails when the stop takes too long
  await cluster.tell('up')
  found = await cluster.read('orders') // kafkajs takes long to find its brokers again
  await until(() => once(seqs(found, order)).length >= 2, { what: 'the records', timeout: 120_000 })
})

test('the books are whole', async () => {
  await cluster.stop?.()
  await assertVerified(server)
})
