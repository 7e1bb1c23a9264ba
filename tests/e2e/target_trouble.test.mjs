// Targets in trouble: disabled after failing for too long or being gone, limited in rate, reached by TLS, taken over.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'

import { assertVerified, until, useServer } from './lib.mjs'

const got = []
const status = {} // by path
const take = async (req, res) => {
  let body = ''
  for await (const chunk of req) body += chunk
  got.push({ path: req.url, at: Date.now(), event: JSON.parse(body) })
  res.writeHead(status[req.url] ?? 204).end()
}
const at = where => got.filter(g => g.path === where)
const receiver = http.createServer(take)
await new Promise(resolve => receiver.listen(0, '127.0.0.1', resolve))
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'orderd-tls-'))
const [key, cert, other] = ['key.pem', 'cert.pem', 'other.pem'].map(f => path.join(dir, f))
const certificate = (out, keyOut) => execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
  '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', keyOut, '-out', out], { stdio: 'ignore' })
certificate(cert, key)
certificate(other, path.join(dir, 'other-key.pem'))
fs.chmodSync(dir, 0o755)
const secure = https.createServer({ key: fs.readFileSync(key), cert: fs.readFileSync(cert) }, take)
await new Promise(resolve => secure.listen(0, '127.0.0.1', resolve))
after(() => {
  receiver.close()
  secure.close()
  fs.rmSync(dir, { recursive: true })
})

const webhook = (name, url, more = '') => `\n[target.${name}]\nkind = webhook\nurl = ${url}\nallow_private = yes\n${more}\n`
const plain = (name, more) => webhook(name, `http://127.0.0.1:${receiver.address().port}/${name}`, more)
const tls = (name, more) => webhook(name, `https://localhost:${secure.address().port}/${name}`, `events = order.placed\n${more}`)
status['/ill'] = 500
status['/gone'] = 410
status['/held'] = 500
const server = await useServer({
  options: { 'feed.operator_target': 'ops', 'feed.transaction_limit': '2s' },
  config: text => text + plain('ill', 'events = order.placed\ndisable_after = 1s') + plain('gone', 'events = order.placed') + plain('ops') +
    plain('slow', 'events = order.placed\nrate = 5') + plain('held', 'events = order.placed, activity.added\nordered = yes') + tls('trusted', `ca_file = ${cert}`) + tls('foreign', `ca_file = ${other}`) + tls('system', ''),
})
const target = async name => (await server.get(`/api/targets/${name}`)).body
const history = async name => (await server.get(`/api/targets/${name}/history`)).body.items

test('a target that is gone, and one that has failed for disable_after, are disabled and the operator is told', async () => {
  await server.place()
  for (const [name, reason] of [['gone', /answered 410: it wants no more/], ['ill', /every attempt has failed for .* answered 500/]]) {
    const found = await until(async () => {
      const t = await target(name)
      return t.state === 'disabled' && t
    }, { what: `${name} is disabled`, timeout: 120_000 })
    assert.match(found.disabledReason, reason)
    assert.ok(Math.abs(Date.parse(found.disabledAt) - Date.now()) < 120_000)
    const [entry] = await history(name)
    assert.deepEqual([entry.what, entry.actor], ['disabled', null])
    assert.match(entry.reason, reason)
    const notice = await until(() => at('/ops').find(g => g.event.data.data?.target === name), { what: 'the operator’s message', timeout: 60_000 })
    assert.equal(notice.event.type, 'target.disabled')
    assert.match(notice.event.data.subject, new RegExp(`target ${name} is disabled`))
    assert.match(notice.event.data.text, /orderd deliveries resume/)
    assert.match(server.log, new RegExp(`target_disabled target=${name} reason="`))
    assert.match((await server.get('/metrics')).text, new RegExp(`orderd_target_disabled{target="${name}",kind="webhook"} 1\n`))
  }
  const seen = at('/ill').length
  await server.place()
  await until(() => at('/trusted').length >= 2, { what: 'the others go on', timeout: 60_000 })
  assert.equal(at('/ill').length, seen)
  status['/ill'] = 204
  assert.equal((await server.post('/api/targets/ill/resume', {})).body.state, 'active')
  await until(() => at('/ill').length >= seen + 2, { what: 'what waited', timeout: 60_000 })
  assert.deepEqual((await history('ill')).map(e => e.what), ['resumed', 'disabled'])
})

test('TLS: a certificate that ca_file names is trusted, any other is not', async () => {
  await until(() => at('/trusted').length, { what: 'the message', timeout: 60_000 })
  for (const name of ['foreign', 'system']) {
    const { error } = await until(async () => {
      const { body } = await server.get(`/api/deliveries?target=${name}&limit=1`)
      return body.items[0]?.error && body.items[0]
    }, { what: `the failure of ${name}`, timeout: 60_000 })
    assert.match(error, /certificate/i)
    assert.equal(at(`/${name}`).length, 0)
  }
})

test('rate: not more attempts a second than it says', async () => {
  await until(() => at('/slow').length >= 2, { what: 'what came before', timeout: 60_000 })
  const before = at('/slow').length
  await Promise.all(Array.from({ length: 25 }, () => server.place()))
  const came = await until(() => at('/slow').length >= before + 25 && at('/slow').slice(before), { what: 'all of them', timeout: 120_000 })
  // However slow the machine: what was allowed by a time is at most a second's worth and five a second since.
  const begin = came[0].at
  for (const [i, { at: when }] of came.entries()) assert.ok(i + 1 <= 5 + 5 * ((when - begin) / 1000 + 1), `${i + 1} after ${when - begin} ms`)
})

test('what waits behind a delivery that failed is not due before it, and is when it has gone', async () => {
  status['/held'] = 500
  const held = await server.place()
  const comment = text => server.post(`/api/orders/${held.uuid}/activities`, { comment: text })
  for (const text of ['one', 'two', 'three']) assert.equal((await comment(text)).status, 201)
  const rows = () => server.sql(`select attempts, next_at > now() as waits, next_at from delivery
    where target_name = 'held' and order_id = $1 and state = 'queued' order by delivery_id`, [held.orderId])
  // Also what comes while the first waits. Else each look at the queue would read all of it again.
  await until(async () => (await rows()).length === 4 && (await rows())[0].attempts > 0, { what: 'the first attempt', timeout: 60_000 })
  assert.equal((await comment('four')).status, 201)
  await until(async () => {
    const found = await rows()
    return found.length === 5 && found.every(r => +r.next_at === +found[0].next_at)
  }, { what: 'all that wait for the first', timeout: 60_000 })
  status['/held'] = 204
  await until(() => at('/held').filter(g => g.event.data.orderId === held.orderId && g.event.data.version === 5).length, { what: 'the last', timeout: 120_000 })
  const versions = at('/held').filter(g => g.event.data.orderId === held.orderId).map(g => g.event.data.version)
  assert.deepEqual(versions.slice(versions.lastIndexOf(1)), [1, 2, 3, 4, 5])
  assert.equal((await rows()).length, 0)
})

test('a frozen owner of the targets loses them to another process, which sends what waits', async () => {
  const owner = await until(async () => (await target('ops')).here, { what: 'the first process carries them out' })
  assert.ok(owner)
  const second = await server.peer().start()
  server.child.kill('SIGSTOP')
  try {
    const order = await second.place()
    await until(() => at('/trusted').some(g => g.event.data.orderId === order.orderId), { what: 'the message, by the other process', timeout: 120_000 })
    assert.ok((await second.get('/api/targets/trusted')).body.here)
    assert.match(second.log, /target_taken_over pid=\d+/)
  } finally {
    server.child.kill('SIGCONT')
  }
  await until(async () => (await target('trusted')).here === false, { what: 'the first process knows', timeout: 60_000 })
})

test('the books are whole', () => assertVerified(server))
