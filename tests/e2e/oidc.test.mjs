// A real OpenID provider (oidc-provider) lets people in: by its forms, and in a real browser.
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { after, test } from 'node:test'

import { chromium } from 'playwright-core'
import Provider from 'oidc-provider'

import { assertProblem, makeHome, run, until, useServer } from './lib.mjs'
import { Person, setUp } from './people.mjs'

// What oidc-provider says of its own defaults is for people who put it on the Internet.
console.warn = console.info = () => {}

const people = {
  sue: { email: 'sue@shop.example', name: 'Sue Support', groups: ['everybody', 'helpdesk'] },
  max: { email: 'max@shop.example', name: 'Max Manager', groups: ['bosses', 'helpdesk'] },
  nil: { email: 'nil@shop.example', name: 'Nil Nobody', groups: ['everybody'] },
  own: { email: 'owner@shop.example', name: 'Not The Owner', groups: ['helpdesk'], email_verified: false },
  ver: { email: 'local@shop.example', name: 'Known Here', groups: ['helpdesk'] },
  bob: { email: 'bob@shop.example', name: 'Bob', groups: ['helpdesk'] },
}

function newKey(kid) {
  const { privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }
}

let handle // of the provider that answers
const listener = http.createServer((request, response) => handle(request, response))
await new Promise(resolve => listener.listen(0, '127.0.0.1', resolve))
const issuer = `http://127.0.0.1:${listener.address().port}`
after(() => {
  listener.closeAllConnections()
  listener.close()
})

const server = await useServer({
  options: { 'auth.mode': 'keys', 'auth.password_memory': '1m' },
  config: text => `${text}\n[oidc]\nissuer = ${issuer}\nclient_id = orderd\nclient_secret = s&cret:/ +%41\nallow_private = yes\n` +
    'scopes = openid email profile groups\ngroup.bosses = admin\ngroup.helpdesk = staff\n',
})
const owner = await setUp(server)

/** The provider, with these keys. */
function serve(keys) {
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'orderd', client_secret: 's&cret:/ +%41', redirect_uris: [`${server.url}/auth/oidc/callback`] }],
    claims: { email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    scopes: ['openid', 'email', 'profile', 'groups'],
    conformIdTokenClaims: false,
    pkce: { methods: ['S256'], required: () => true },
    jwks: { keys },
    ttl: { AuthorizationCode: 600 },
    cookies: { keys: ['for the test alone'] },
    findAccount: (_, id) => people[id] &&
      { accountId: id, claims: () => ({ sub: id, email_verified: true, ...people[id] }) },
  })
  handle = provider.callback()
}
serve([newKey('first')])

/** A browser that follows redirects and fills in forms; it stops before it comes back to orderd. */
async function authorize(person, login, query = '') {
  const begun = await person.get(`/auth/oidc${query}`)
  assert.equal(begun.status, 303, begun.text)
  const there = new Person(issuer)
  let url = begun.headers.location
  for (let step = 0; step < 12; step++) {
    if (url.startsWith(server.url)) return url.slice(server.url.length)
    const path = url.startsWith(issuer) ? url.slice(issuer.length) : url
    let answer = await there.get(path)
    if (answer.status === 200) {
      const prompt = /name="prompt" value="(\w+)"/.exec(answer.text)[1]
      const action = new URL(/action="([^"]+)"/.exec(answer.text)[1]).pathname
      answer = await there.api('POST', action, new URLSearchParams({ prompt, login, password: 'any' }).toString(),
        { 'content-type': 'application/x-www-form-urlencoded' })
    }
    assert.equal(answer.status, 303, answer.text)
    url = answer.headers.location
  }
  throw new Error('the provider leads nowhere')
}

async function login(name) {
  const person = new Person(server.url)
  return { person, answer: await person.get(await authorize(person, name)) }
}

test('a person whom the provider knows is let in with the role of his first group', async () => {
  const { person, answer } = await login('sue')
  assert.equal(answer.status, 200, answer.text)
  assert.equal(answer.body.user.email, 'sue@shop.example')
  assert.equal(answer.body.user.role, 'staff')
  const { uuid } = await person.place()
  assert.equal((await person.events(uuid))[0].actor, 'sue@shop.example')
  assertProblem(await person.get('/api/users'), 403, 'forbidden')
  assert.equal((await login('max')).answer.body.user.role, 'admin')
})

test('his role follows his groups at the next login', async () => {
  people.sue.groups = ['bosses']
  assert.equal((await login('sue')).answer.body.user.role, 'admin')
  people.sue.groups = ['helpdesk']
  const { answer } = await login('sue')
  assert.equal(answer.body.user.role, 'staff')
  const { items } = (await owner.get('/api/users')).body
  assert.equal(items.filter(({ email }) => email === 'sue@shop.example').length, 1)
})

test('without a group that has a role nobody is let in', async () => {
  assertProblem((await login('nil')).answer, 403, 'no_group')
})

test('somebody else’s e-mail opens no account, a verified one does', async () => {
  assertProblem((await login('own')).answer, 403, 'user_refused')
  const made = await owner.post('/api/users', { email: 'Local@shop.example', role: 'reader' })
  const { answer } = await login('ver')
  assert.equal(answer.body.user.userId, made.body.userId)
  assert.equal(answer.body.user.role, 'staff')
})

test('a disabled user is not let in', async () => {
  const { answer } = await login('bob')
  await owner.api('PATCH', `/api/users/${answer.body.user.userId}`, { disabled: true })
  assertProblem((await login('bob')).answer, 403, 'user_refused')
})

test('a login is finished by the browser that began it, once', async () => {
  const [one, two] = [new Person(server.url), new Person(server.url)]
  const back = await authorize(one, 'sue')
  assertProblem(await two.get(back), 400, 'oidc_state')
  const flow = one.cookies.get('orderd_oidc')
  const forged = back.replace(/state=(\w)/, (_, c) => `state=${c === '0' ? '1' : '0'}`)
  assertProblem(await one.get(forged), 400, 'oidc_state')
  one.cookies.set('orderd_oidc', flow)
  assert.equal((await one.get(back)).status, 200)
  assertProblem(await one.get(back), 400, 'oidc_state')
  one.cookies.set('orderd_oidc', flow)
  assertProblem(await one.get(back), 400, 'oidc_state') // the provider takes a code once
  for (const cookie of ['x', `${flow}0`, flow.replace(/^./, c => c === '0' ? '1' : '0')]) {
    one.cookies.set('orderd_oidc', cookie)
    assertProblem(await one.get(back), 400, 'oidc_state')
  }
})

test('in the end it goes where the page wanted, and never elsewhere', async () => {
  const person = new Person(server.url)
  const answer = await person.get(await authorize(person, 'sue', '?return=/api/orders?limit=1'))
  assert.equal(answer.status, 303)
  assert.equal(answer.headers.location, '/api/orders?limit=1')
  for (const to of ['//evil.example', '/\\evil.example', 'https://evil.example', 'evil', ''])
    assertProblem(await person.get(`/auth/oidc?return=${encodeURIComponent(to)}`), 422, 'bad_query')
})

test('a person who says no, and a provider that refuses, are told', async () => {
  const person = new Person(server.url)
  const begun = await person.get('/auth/oidc')
  const state = new URL(begun.headers.location).searchParams.get('state')
  assertProblem(await person.get(`/auth/oidc/callback?error=access_denied&state=${state}`), 403, 'oidc_refused')
})

test('a clock that is half a minute off is taken, one that is further off is not', async () => {
  const now = Date.now
  const person = new Person(server.url)
  const at = async ms => {
    const back = await authorize(person, 'sue')
    Date.now = () => now() + ms
    try {
      return await person.get(back)
    } finally {
      Date.now = now
    }
  }
  assert.equal((await at(30_000)).status, 200)
  assertProblem(await at(120_000), 502, 'oidc_token')
  assert.match(server.log, /oidc_token_refused reason="it was issued in the future, or the clocks differ"/)
})

test('keys that the provider changes are found; tokens of a key that it never published are not taken', async () => {
  const second = newKey('second')
  serve([second, newKey('third')])
  // Not at once: keys are read again every few seconds at most, whatever anybody shows.
  await until(async () => (await login('sue')).answer.status === 200, { what: 'the new keys being known', every: 500 })
  // The same name, another key: its tokens are forged.
  serve([{ ...newKey('second') }])
  assertProblem((await login('sue')).answer, 502, 'oidc_token')
  serve([second])
  assert.equal((await login('sue')).answer.status, 200)
})

test('while the provider does not answer it is 503, and passwords go on', async () => {
  const person = new Person(server.url)
  const back = await authorize(person, 'sue')
  handle = (request, response) => response.writeHead(500).end('no')
  assertProblem(await person.get(back), 503, 'oidc_unavailable')
  await person.login('owner@shop.example', 'correct horse battery')
  serve([newKey('fourth')])
  await until(async () => (await login('sue')).answer.status === 200, { what: 'the provider being taken again', every: 500 })
})

test('a section that cannot be is an error at its line', async () => {
  const shipped = fs.readFileSync(server.configFile, 'utf8')
  const file = path.join(server.dir, 'wrong.ini')
  for (const [right, wrong, message] of [
    ['group.bosses = admin', 'group.bosses = king', '[oidc] group.bosses: must be the name of a role'],
    ['client_id = orderd', 'client_id =', '[oidc] client_id: is needed'],
    ['client_id = orderd', 'clientid = orderd', 'clientid'],
    ['allow_private = yes', '', '[oidc] issuer: must be a URL that begins with https://'],
  ]) {
    fs.writeFileSync(file, shipped.replace(`\n${right}`, `\n${wrong}`))
    const { code, stderr } = await run(server.orderd, ['check', '-c', file, '-o', `database.data_dir=${server.dataDir}`])
    assert.equal(code, 1, wrong)
    assert.match(stderr, /wrong\.ini:\d+/)
    assert.ok(stderr.includes(message), stderr)
  }
})

const { code } = await run('chromium', ['--version']).catch(() => ({ code: 1 }))
const skip = code !== 0 && 'there is no Chromium'

test('in a real browser a person logs in, and another site’s page can do nothing', { skip }, async () => {
  const home = makeHome()
  const browser = await chromium.launchPersistentContext(home, {
    executablePath: '/usr/bin/chromium', headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'],
  })
  const evil = http.createServer((request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>evil'))
  await new Promise(resolve => evil.listen(0, '127.0.0.1', resolve))
  try {
    const page = await browser.newPage()
    await page.goto(`${server.url}/auth/oidc?return=/auth/setup`)
    await page.fill('input[name=login]', 'sue')
    await page.fill('input[name=password]', 'any')
    await page.click('button[type=submit]')
    await page.click('button[type=submit]')
    await page.waitForURL(`${server.url}/auth/setup`)
    const place = url => page.evaluate(async to => {
      try {
        const body = JSON.stringify({ currency: 'EUR', items: [{ sku: 'A', name: 'A', qty: 1, price: 1 }] })
        const answer = await fetch(`${to}/api/orders`, { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body })
        return answer.status
      } catch {
        return 'refused'
      }
    }, url)
    assert.equal(await place(server.url), 201)
    assert.equal(await page.evaluate(() => document.cookie), '', 'scripts see no cookie')

    const orders = async () => (await owner.get('/api/orders?limit=200')).body.items.length
    const before = await orders()
    await page.goto(`http://127.0.0.1:${evil.address().port}/`)
    assert.equal(await place(server.url), 'refused')
    const simple = await page.evaluate(async to => {
      await fetch(`${to}/auth/logout`, { method: 'POST', mode: 'no-cors', credentials: 'include' }).catch(() => {})
      await fetch(`${to}/api/orders`, { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{}' }).catch(() => {})
      return 'sent'
    }, server.url)
    assert.equal(simple, 'sent')
    assert.equal(await orders(), before)
    await page.goto(`${server.url}/auth/setup`)
    assert.equal(await place(server.url), 201, 'the session lives on')
  } finally {
    await browser.close()
    evil.closeAllConnections()
    evil.close()
  }
})
