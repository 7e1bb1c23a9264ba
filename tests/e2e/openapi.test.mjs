// The document that a server hands out about itself, joined from its tables: it is valid, it stays the
// same, and each path asks for the role that it says.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Validator } from '@seriousme/openapi-schema-validator'

import { assertProblem, Client, until, useServer } from './lib.mjs'

const server = await useServer({ options: { 'auth.mode': 'keys' } })
const { text, body: document } = await server.get('/openapi.json')

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

function* operations() {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS.filter(name => item[name])) yield { path, method, ...item[method] }
  }
}

/** The role that an operation asks for; null: anybody may. */
function roleOf({ security = document.security }) {
  const [first] = security
  return first ? first.bearer[0] : null
}

async function clientFor(role) {
  const { code, stdout, stderr } = await server.run(['key', 'add'], [`the-${role}`, '--role', role])
  assert.equal(code, 0, stderr)
  const client = new Client(server.url, { key: stdout.trim().split(/\s+/).at(-1) })
  await until(async () => (await client.get('/api/orders')).status === 200, { what: `the key of ${role}` })
  return client
}

/** Calls it with a body that is none, and with those query parameters that have an example. */
function call(client, { path, method, requestBody, parameters = [] }) {
  const query = new URLSearchParams(parameters.filter(p => p.in === 'query' && p.example).map(p => [p.name, p.example]))
  const [type] = Object.keys(requestBody?.content ?? {})
  const body = type === 'application/x-ndjson' ? '' : '{}'
  return client.api(method.toUpperCase(), `${path.replace(/\{[^}]+\}/g, '1')}${query.size ? `?${query}` : ''}`,
    type ? body : undefined, type ? { 'content-type': type } : {})
}

test('a validator of OpenAPI 3.1 finds nothing', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(document))
  assert.ok(valid, JSON.stringify(errors, null, 2))
})

test('every answer is the same text, and no entry of a table is left as it was written', async () => {
  assert.equal((await server.get('/openapi.json')).text, text)
  assert.doesNotMatch(text, /"(x-entity|x-input|x-given|x-only|x-commands|errors":\[\d)/)
})

test('each path asks for the role that the document says', async () => {
  await until(async () => (await server.get('/api/orders')).status === 401, { what: 'keys being loaded' })
  const [reader, staff] = [await clientFor('reader'), await clientFor('staff')]
  const seen = { null: 0, reader: 0, staff: 0, admin: 0 }
  for (const operation of operations()) {
    const role = roleOf(operation)
    seen[role]++
    if (role === null) {
      assert.ok(![401, 403].includes((await call(server, operation)).status), operation.path)
      continue
    }
    assertProblem(await call(server, operation), 401)
    if (role !== 'reader') assertProblem(await call(reader, operation), 403)
    if (role === 'admin') assertProblem(await call(staff, operation), 403)
    const endless = operation.responses[200]?.content?.['text/event-stream'] // follow.test.mjs has a client for it
    if (operation.method === 'get' && role !== 'admin' && !endless) {
      const { status } = await call(role === 'reader' ? reader : staff, operation)
      assert.ok(status === 200 || status === 404, `${operation.path}: ${status}`)
    }
  }
  assert.ok(Object.values(seen).every(count => count > 2), JSON.stringify(seen))
  reader.close()
  staff.close()
})
