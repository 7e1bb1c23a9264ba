// Messages of Kafka are given to receivers: each takes effect once, whoever dies, and one that cannot be carried
// out does not stop those behind it.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { test } from 'node:test'

import { Cluster, skip } from './kafka.mjs'
import { assertVerified, until, useServer } from './lib.mjs'

const cluster = skip ? { brokers: 'nowhere:1' } : await Cluster.start()
for (const [topic, partitions] of [['fraud', 4], ['fraud.dead', 1], ['late', 1]]) {
  if (!skip) await cluster.tell(`topic ${topic} ${partitions}`)
}

const RULES = `
oms.receiver("fraud", function(message)
  local told = message.json
  if not told then return oms.reject("not_json", "The value is no JSON") end
  if told.id then oms.message_id(told.id) end
  if told.kind == "ignored" then return oms.ignore("nothing to do") end
  if told.kind == "broken" then error("it does not work") end
  if told.kind == "bad" then return oms.reject("bad_kind", "Nobody knows what to do") end
  oms.add_activity(told.order, told.text or ("%s %d %d %s %s"):format(message.topic, message.partition, message.offset,
    message.key or "-", message.headers["x-kind"] or "-"))
end)
`
// The mock cluster lets who joins a group wait for almost the session timeout of one that has left.
const section = `
[consumer.fraud]
brokers = ${cluster.brokers}
topics = fraud
group = shop
receiver = fraud
dead_letter = fraud.dead
max_attempts = 3
retry_min = 50ms
retry_max = 200ms
kafka.session.timeout.ms = 6000
kafka.heartbeat.interval.ms = 500
`
const server = await useServer({
  options: { 'plugins.load': 'fraud', 'script.task_timeout': '5s' },
  prepare: s => s.writePlugin('fraud', RULES, { capabilities: ['commands'] }),
  config: text => `${text}\n[grant]\nfraud = commands\n${skip ? '' : section}`,
})

const told = (message, rest = {}) => ({ value: JSON.stringify(message), ...rest })
const read = async order => (await server.get(`/api/orders/${order.uuid}`)).body
const comments = async order => (await read(order)).activities.map(a => a.comment).filter(Boolean)
const arrived = (order, text, count = 1) => until(async () => {
  const found = (await comments(order)).filter(c => c === text)
  return found.length >= count && found
}, { what: `${count} times "${text}"`, timeout: 60_000 })
const metric = async (name, at = server) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec((await at.get('/metrics')).text)?.[1])
const caughtUp = () => until(async () => await metric('orderd_consumer_lag{consumer="fraud"}') === 0, { what: 'the lag is 0' })
const letters = skip ? [] : await cluster.read('fraud.dead')

test('a message by kafkajs gives a command, once; its place and headers are there to see', { skip }, async () => {
  const order = await server.place()
  await cluster.write('fraud', [told({ order: order.orderNumber }, { key: 'k1', partition: 2, headers: { 'X-Kind': 'check', bytes: Buffer.from([255]) } })])
  await arrived(order, 'fraud 2 0 k1 check')
  await until(async () => (await cluster.committed('shop', 'fraud'))[2] === 1, { what: 'the commit' })
  assert.equal(await metric('orderd_consumer_messages_total{consumer="fraud",outcome="accepted"}'), 1)
  assert.equal(await metric('orderd_consumer_partitions{consumer="fraud"}'), 4)
  assert.equal(await metric('orderd_consumer_up{consumer="fraud"}'), 1)
  await caughtUp()
})

test('place tells messages apart, unless the receiver knows a name for them', { skip }, async () => {
  const order = await server.place()
  const same = told({ order: order.orderNumber, text: 'by place' })
  const named = told({ order: order.orderNumber, text: 'by name', id: 'n-1' })
  await cluster.write('fraud', [named, named, same, same, named, told({ order: order.orderNumber, text: 'the end' })].map(m => ({ ...m, partition: 0 })))
  await arrived(order, 'the end')
  assert.deepEqual(await comments(order), ['by name', 'by place', 'by place', 'the end'])
})

test('kill -9 between the transaction and the commit of the offset: one effect', { skip }, async () => {
  const order = await server.place()
  await caughtUp()
  await cluster.tell('fail 8 7 1000') // OffsetCommit: REQUEST_TIMED_OUT
  await cluster.write('fraud', [told({ order: order.orderNumber, text: 'not committed' }, { partition: 1 })])
  await arrived(order, 'not committed')
  await server.kill()
  assert.equal((await cluster.committed('shop', 'fraud'))[1], -1)
  await cluster.tell('heal 8')
  await server.start()
  await until(async () => (await cluster.committed('shop', 'fraud'))[1] === 1, { what: 'the commit', timeout: 60_000 })
  assert.ok(await metric('orderd_consumer_messages_total{consumer="fraud",outcome="accepted"}') >= 1, 'it came again')
  assert.deepEqual(await comments(order), ['not committed'])
})

test('what is rejected, or fails too often, becomes a dead letter, and the partition goes on', { skip }, async () => {
  const order = await server.place()
  await cluster.write('fraud', [
    told({ kind: 'bad' }, { key: 'poison', headers: { trace: 't-1' } }), { value: 'not JSON' }, told({ kind: 'broken' }), { value: null, key: 'tombstone' },
    told({ kind: 'ignored' }), told({ order: order.orderNumber, text: 'behind' }),
  ].map(m => ({ ...m, partition: 3 })))
  await arrived(order, 'behind')
  await until(() => letters.length >= 4, { what: 'the dead letters', timeout: 60_000 })
  assert.deepEqual(letters.map(l => [l.headers['orderd-code'], l.headers['orderd-attempts'], l.headers['orderd-offset'], l.key]), [
    ['bad_kind', '1', '0', 'poison'], ['not_json', '1', '1', null], ['receiver_failed', '3', '2', null], ['not_json', '1', '3', 'tombstone']])
  const [{ headers, value }] = letters
  assert.deepEqual([headers.trace, headers['orderd-reason'], headers['orderd-topic'], headers['orderd-partition'], headers['orderd-receiver']],
    ['t-1', 'Nobody knows what to do', 'fraud', '3', 'fraud'])
  assert.deepEqual(JSON.parse(value), { kind: 'bad' })
  assert.equal(letters[3].value, null)
  assert.equal(await metric('orderd_consumer_messages_total{consumer="fraud",outcome="dead_letter"}'), 4)
  await until(async () => (await cluster.committed('shop', 'fraud'))[3] === 6, { what: 'the commit' })
})

test('a receiver whose time is up is tried again, and becomes a dead letter in the end', { skip }, async () => {
  const [order, other] = [await server.place(), await server.place()]
  const before = letters.length
  await server.withDatabase(async session => {
    await session.query('begin')
    await session.query('select 1 from orders where order_id = $1 for update', [order.orderId])
    await cluster.write('fraud', [told({ order: order.orderNumber, text: 'too slow' }, { partition: 1 }), told({ kind: 'ignored' }, { partition: 1 })])
    await until(() => letters.length > before, { what: 'the dead letter', timeout: 90_000 })
  })
  const { headers, value } = letters.at(-1)
  assert.deepEqual([headers['orderd-code'], headers['orderd-attempts'], JSON.parse(value).text], ['receiver_timeout', '3', 'too slow'])
  assert.match(headers['orderd-reason'], /task_timeout/)
  await cluster.write('fraud', [told({ order: other.orderNumber, text: 'behind the slow one' }, { partition: 1 })])
  await arrived(other, 'behind the slow one')
  assert.ok((await comments(order)).filter(c => c === 'too slow').length <= 1)
})

test('a message whose order is not there is kept with its place, and committed', { skip }, async () => {
  const orderNumber = `EARLY-${process.pid}`
  await cluster.write('fraud', [told({ order: orderNumber }, { key: 'early', partition: 2 })])
  const [kept] = await until(async () => {
    const rows = await server.sql(`select * from message where topic = 'fraud'`)
    return rows.length && rows
  }, { what: 'the message that is kept' })
  assert.deepEqual([kept.source, kept.sender_id, kept.partition, kept.offset, kept.key.toString()], ['fraud', 'fraud/2/1', 2, 1, 'early'])
  await until(async () => (await cluster.committed('shop', 'fraud'))[2] === 2, { what: 'the commit' })
  const order = await server.place({ orderNumber })
  await arrived(order, 'fraud 2 1 early -')
})

test('two processes share the partitions; what one that dies had goes to the other, in order, once', { skip }, async () => {
  const peer = server.peer()
  await peer.start()
  const has = at => metric('orderd_consumer_partitions{consumer="fraud"}', at)
  await until(async () => await has(server) === 2 && await has(peer) === 2, { what: 'two partitions each', timeout: 60_000 })
  const orders = await Promise.all([0, 1, 2, 3].map(() => server.place()))
  const send = (from, to) => cluster.write('fraud', orders.flatMap((order, partition) =>
    Array.from({ length: to - from }, (_, i) => told({ order: order.orderNumber, text: `${from + i}` }, { partition }))))
  await send(0, 25)
  await until(async () => await metric('orderd_consumer_messages_total{consumer="fraud",outcome="accepted"}', peer) > 5, { what: 'the peer works', timeout: 60_000 })
  await peer.kill()
  await send(25, 40)
  for (const order of orders) {
    await arrived(order, '39')
    assert.deepEqual(await comments(order), Array.from({ length: 40 }, (_, i) => `${i}`))
  }
  assert.equal(await has(server), 4)
})

test('a reload keeps consumers whose section has not changed, and changes the others', { skip }, async () => {
  const assigned = () => server.log.match(/consumer_assigned/g)?.length ?? 0
  const before = assigned()
  server.editConfig(text => text.replace('[consumer.fraud]', `[consumer.late]
brokers = ${cluster.brokers}
topics = late
receiver = late
dead_letter = fraud.dead
retry_min = 50ms
retry_max = 200ms
kafka.session.timeout.ms = 6000

[consumer.fraud]`))
  assert.equal((await server.run('reload')).code, 0)
  await until(() => assigned() === before + 1, { what: 'the partitions of the new one', timeout: 60_000 })

  // No plugin has its receiver: that is no message's fault.
  const order = await server.place()
  await cluster.write('late', [told({ order: order.orderNumber, text: 'at last' })])
  await until(async () => await metric('orderd_consumer_waiting{consumer="late"}') === 1, { what: 'the message waits' })
  server.writePlugin('fraud', `${RULES}\noms.receiver("late", function(message) oms.add_activity(message.json.order, message.json.text) end)`, { capabilities: ['commands'] })
  server.editConfig(text => text.replace('group = shop', 'group = shop2').replace('topics = fraud', 'topics = fraud\nkafka.auto.offset.reset = latest'))
  const reload = await server.run('reload')
  assert.equal(reload.code, 0, reload.stdout + reload.stderr)
  await arrived(order, 'at last')
  await until(() => assigned() === before + 2, { what: 'the partitions of the changed one', timeout: 60_000 })
  assert.equal(server.log.match(/message_waits consumer=late/g).length, 1, 'it is told once')
})

test('brokers that are gone are told of once, and reconnected', { skip }, async () => {
  await caughtUp()
  await cluster.tell('down')
  await until(async () => await metric('orderd_consumer_up{consumer="fraud"}') === 0, { what: 'the metric', timeout: 60_000 })
  const ready = await until(async () => {
    const answer = await server.get('/readyz')
    return answer.body.consumers?.fraud && answer
  }, { what: 'readyz tells', timeout: 60_000 })
  assert.deepEqual([ready.status, ready.body.status], [200, 'ready'])
  const order = await server.place() // nobody waits for Kafka
  await cluster.tell('up')
  await until(async () => await metric('orderd_consumer_up{consumer="fraud"}') === 1, { what: 'the metric', timeout: 60_000 })
  await until(async () => !(await server.get('/readyz')).body.consumers, { what: 'readyz', timeout: 60_000 })
  await cluster.write('late', [told({ order: order.orderNumber, text: 'again' })])
  await arrived(order, 'again')
  assert.equal(server.log.match(/kafka_trouble client=consumer\.late/g).length, 1)
  assert.equal(server.log.match(/kafka_well client=consumer\.late/g).length, 1)
})

test('a stop waits for what is under way, and commits it', { skip }, async () => {
  const order = await server.place()
  await cluster.write('late', Array.from({ length: 50 }, (_, i) => told({ order: order.orderNumber, text: `${i}` })))
  await arrived(order, '0')
  await server.restart()
  const from = (await cluster.committed('orderd', 'late'))[0]
  const done = (await comments(order)).length
  assert.ok(done >= 1 && from >= done, `${done} are done, ${from} committed`)
  await arrived(order, '49')
  assert.deepEqual(await comments(order), Array.from({ length: 50 }, (_, i) => `${i}`))
})

test('a consumer that cannot be is refused', { skip }, async () => {
  const good = fs.readFileSync(server.configFile, 'utf8')
  for (const [from, to, message] of [
    ['topics = fraud', 'topics = fr/aud', /topics:\s+are\s+needed/],
    ['topics = fraud', 'topics = fraud fraud.dead', /dead_letter/],
    ['receiver = fraud', '', /receiver:\s+is\s+needed/],
    ['max_attempts = 3', 'max_attempts = 0', /max_attempts/],
    ['max_attempts = 3', 'colour = blue', /unknown\s+key/],
    ['max_attempts = 3', 'kafka.colour = blue', /No\s+such\s+configuration\s+property/],
    ['max_attempts = 3', 'kafka.enable.auto.commit = true', /kafka\.enable\.auto\.commit:\s+orderd\s+sets/],
    ['max_attempts = 3', 'kafka.group.id = x', /takes\s+it\s+from\s+group/],
  ]) {
    fs.writeFileSync(server.configFile, good.replace(from, to))
    const { code, stdout, stderr } = await server.run('check')
    assert.notEqual(code, 0, to)
    assert.match(stdout + stderr, message)
  }
  fs.writeFileSync(server.configFile, good)
})

test('the books are whole', async () => {
  await cluster.stop?.()
  await assertVerified(server)
})
