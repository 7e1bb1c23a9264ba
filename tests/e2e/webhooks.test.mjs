// Webhooks by Standard Webhooks 1.0.0, to real servers: some that verify, some that fail, some that are hostile.
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import http from 'node:http'
import { after, test } from 'node:test'

import { Webhook } from 'standardwebhooks'

import { assertVerified, until, useServer } from './lib.mjs'

const OLD = `whsec_${crypto.randomBytes(32).toString('base64')}`, NEW = `whsec_${crypto.randomBytes(32).toString('base64')}`
const { privateKey, publicKey } = crypto.generateKeyPairSync('ed25519')
const SIGNING = `whsk_${privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32).toString('base64')}`

/** What came to each path, and how each is answered. */
const seen = {}
const answers = {}
const receiver = http.createServer((req, res) => {
  const chunks = []
  req.on('data', c => chunks.push(c)).on('end', () => {
    const name = req.url.slice(1)
    const list = seen[name] ??= []
    const message = { headers: req.headers, text: Buffer.concat(chunks).toString(), at: Date.now() }
    list.push(message)
    ;(answers[name] ?? (() => res.writeHead(204).end()))(res, list.length, message)
  })
})
await new Promise(resolve => receiver.listen(0, '127.0.0.1', resolve))
const { port } = receiver.address()
after(() => { receiver.closeAllConnections(); receiver.close() })

const target = (name, more = '') => `
[target.${name}]
kind = webhook
url = http://127.0.0.1:${port}/${name}
secret = ${NEW} ${OLD} ${SIGNING}
events = order.placed
allow_private = yes
timeout = 1s
${more}`

answers.flaky = (res, n) => n === 1 ? res.writeHead(500).end('broken: ü') : res.writeHead(200).end('thanks')
answers.gone = res => res.writeHead(410).end()
answers.busy = (res, n) => n === 1 ? res.writeHead(429, { 'retry-after': '3' }).end() : res.writeHead(200).end()
answers.moved = res => res.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end()
answers.drip = res => {
  res.writeHead(200)
  const timer = setInterval(() => res.write('x'), 100)
  res.on('close', () => clearInterval(timer))
}
let sent = 0
answers.flood = res => {
  const block = Buffer.alloc(64 * 1024, 'x')
  res.writeHead(200)
  const more = () => {
    while (sent < 1 << 30) {
      sent += block.length
      if (!res.write(block)) return res.once('drain', more)
    }
    res.end()
  }
  more()
}
answers.long = res => res.writeHead(500).end(`x${'ü'.repeat(4000)}`)
answers.dead = res => res.socket.destroy()

const server = await useServer({
  config: text => text + target('good', 'body = full') + target('flaky') + target('gone') + target('busy') + target('moved') +
    target('drip') + target('flood') + target('dead') + target('long') +
    target('private').replace('allow_private = yes', 'allow_private = no') +
    target('named').replace('127.0.0.1', 'localhost').replace('allow_private = yes', '') +
    target('mapped').replace('127.0.0.1', '[::ffff:127.0.0.1]').replace('allow_private = yes', ''),
})
const delivery = async name => {
  const { body } = await server.get(`/api/deliveries?target=${name}&limit=1`)
  return body.items.length ? (await server.get(`/api/deliveries/${body.items[0].deliveryId}`)).body : undefined
}
const attempted = (name, check = () => true) => until(async () => {
  const found = await delivery(name)
  return found?.tries.length && check(found) && found
}, { what: `an attempt at ${name}`, timeout: 60_000 })

let order
test('a message is a CloudEvent, and each of several secrets verifies it', async () => {
  order = await server.place({ customer: { email: 'ana@example.org' } })
  const [{ headers, text }] = await until(() => seen.good, { what: 'the message', timeout: 30_000 })
  for (const secret of [OLD, NEW]) assert.ok(new Webhook(secret).verify(text, headers))
  assert.throws(() => new Webhook(`whsec_${crypto.randomBytes(32).toString('base64')}`).verify(text, headers))
  assert.throws(() => new Webhook(NEW).verify(`${text} `, headers))
  const signature = headers['webhook-signature'].split(' ').find(s => s.startsWith('v1a,')).slice(4)
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`
  assert.ok(crypto.verify(null, Buffer.from(signed), publicKey, Buffer.from(signature, 'base64')))
  assert.match(headers['content-type'], /^application\/cloudevents\+json/)
  const event = JSON.parse(text)
  assert.deepEqual({ ...event, data: 0 }, {
    specversion: '1.0', id: headers['webhook-id'], source: '/orderd', type: 'order.placed', subject: `order/${order.orderId}`,
    time: event.time, datacontenttype: 'application/json', data: 0,
  })
  assert.ok(Math.abs(Date.parse(event.time) - Date.parse(order.createdAt)) < 60_000)
  assert.equal(event.data.order.orderNumber, order.orderNumber)
  assert.equal(event.data.order.grandTotal, order.grandTotal)
})

test('what fails is sent again with the same id and body, and every attempt is kept', async () => {
  const { tries } = await attempted('flaky', d => d.state === 'delivered')
  assert.deepEqual(tries.map(t => [t.attempt, t.status, t.answer]), [[2, 200, 'thanks'], [1, 500, 'broken: ü']])
  assert.match(tries[1].error, /answered 500/)
  const [first, second] = seen.flaky
  assert.equal(first.text, second.text)
  assert.equal(first.headers['webhook-id'], second.headers['webhook-id'])
  assert.ok(second.at - first.at >= 4900, 'the schedule waits 5 s')
  for (const { text, headers } of seen.flaky) new Webhook(NEW).verify(text, headers)
})

test('410 disables the target until somebody resumes it', async () => {
  await until(async () => (await server.get('/api/targets/gone')).body.state === 'disabled', { what: 'it is disabled', timeout: 30_000 })
  assert.match((await server.get('/metrics')).text, /orderd_target_disabled\{target="gone",kind="webhook"\} 1/)
  assert.match(server.log, /target_disabled target=gone/)
  answers.gone = res => res.writeHead(204).end()
  assert.equal((await server.post('/api/targets/gone/resume', {})).body.state, 'active')
  await attempted('gone', d => d.state === 'delivered')
})

test('429 lets the target rest for as long as it says', async () => {
  await attempted('busy', d => d.state === 'delivered')
  const [first, second] = seen.busy
  assert.ok(second.at - first.at >= 2900, `${second.at - first.at} ms`)
})

test('a redirect is not followed', async () => {
  const { tries, state } = await attempted('moved')
  assert.equal(state, 'queued')
  assert.equal(tries.at(-1).status, 302)
  assert.match(tries.at(-1).error, /redirects are not followed/)
})

test('private addresses are refused, whatever name leads there', async () => {
  for (const name of ['private', 'named', 'mapped']) {
    const { tries } = await attempted(name)
    assert.match(tries.at(-1).error, /is not a public address/, name)
    assert.equal(tries.at(-1).status, null)
    assert.equal(seen[name], undefined, 'nothing came there')
  }
})

test('an answer that drips, has no end, or is a gigabyte is bounded', async () => {
  const { tries } = await attempted('drip')
  assert.match(tries.at(-1).error, /[Tt]imed? ?out/)
  const flood = await attempted('flood', d => d.state === 'delivered')
  assert.equal(flood.tries[0].answer.length, 4096)
  assert.ok(sent < 64 << 20, `${sent} bytes were sent`)
})

test('a long answer is cut between characters', async () => {
  const { tries } = await attempted('long')
  assert.equal(tries.at(-1).answer, `x${'ü'.repeat(2047)}`)
})

test('a dead one rests and keeps what is for it; the others go on', async () => {
  await attempted('dead')
  const { body } = await server.get('/api/targets/dead')
  assert.ok(body.failingSince)
  const before = seen.good.length
  const next = await server.place({ customer: { email: 'ana@example.org' } })
  await until(() => seen.good.length > before && seen.good.some(m => m.text.includes(next.orderNumber)), { what: 'the next message', timeout: 30_000 })
  answers.long = res => res.writeHead(500).end(`x${'ü'.repeat(4000)}`)
answers.dead = res => res.writeHead(200).end()
  await server.post('/api/targets/dead/resume', {}) // what waits for its next attempt need not wait any more
  await until(async () => (await server.sql("select from delivery where target_name = 'dead' and state = 'queued'")).length === 0,
    { what: 'its backlog', timeout: 120_000 })
  assert.equal((await server.get('/api/targets/dead')).body.failingSince, null)
})

test('a test message', async () => {
  const { body: { deliveryId } } = await server.post('/api/targets/good/test', {})
  const message = await until(() => seen.good.find(m => m.headers['webhook-id'] === `msg_${deliveryId}`), { what: 'the test', timeout: 30_000 })
  assert.equal(JSON.parse(message.text).type, 'target.test')
  new Webhook(OLD).verify(message.text, message.headers)
})

test('secrets are not shown', async () => {
  for (const args of [['--print']]) {
    const { stdout, stderr } = await server.run('check', args)
    assert.ok(!(stdout + stderr).includes(NEW.slice(8)), 'check --print')
  }
  assert.ok(!(await server.get('/api/targets')).text.includes(NEW.slice(8)))
})

test('one that answers nobody does not hold up the others when targets are changed', async () => {
  answers.silent = () => {}
  server.editConfig(text => text + target('silent').replace('timeout = 1s', 'timeout = 300s'))
  assert.equal((await server.run('reload')).code, 0)
  await server.place()
  await until(() => seen.silent, { what: 'a request that is not answered' })
  server.editConfig(text => text + target('newcomer'))
  assert.equal((await server.run('reload')).code, 0)
  const placed = await server.place()
  for (const name of ['newcomer', 'good', 'silent']) {
    await until(() => seen[name]?.some(m => m.text.includes(placed.orderNumber)), { what: `the message at ${name}`, timeout: 60_000 })
  }
})

test('what the database refuses to note is not sent over and over', async () => {
  await server.sql("create function refuse() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$")
  await server.sql('create trigger refuse before update on delivery for each row execute function refuse()')
  const before = Object.values(seen).flat().length
  const placed = await Promise.all(Array.from({ length: 40 }, () => server.place()))
  const since = Date.now()
  await until(() => Date.now() - since > 4000 && server.log.match(/deliverer_refused.*disk full/g)?.length >= 3, { what: 'refused marks', timeout: 60_000 })
  const came = Object.values(seen).flat().length - before
  await server.sql('drop function refuse cascade')
  assert.ok(came < 400, `${came} messages for 40 orders and ${Object.keys(seen).length} targets`)
  await until(() => placed.every(o => seen.good.some(m => m.text.includes(o.orderNumber))), { what: 'the rest', timeout: 120_000 })
})

test('the books are whole', () => assertVerified(server))
