// The document that a server hands out about itself, joined from its tables: it is valid, it stays the
// same, and each path asks each role for what it says.
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

/** The permission that an operation asks for; null: anybody may; undefined: whoever is known. */
function permissionOf({ security = document.security }) {
  const [first] = security
  return first ? first.bearer[0] : null
}

/** What `orderd access matrix` says: role → Set of permissions. */
async function matrix() {
  const { code, stdout, stderr } = await server.run('access', ['matrix'])
  assert.equal(code, 0, stderr)
  const [head, ...rows] = stdout.trimEnd().split('\n')
  const roles = head.trim().split(/\s+/)
  const may = new Map(roles.map(role => [role, new Set()]))
  for (const row of rows) {
    const [permission, ...cells] = row.split(/\s+/)
    roles.forEach((role, i) => cells[i] === 'x' && may.get(role).add(permission))
  }
  return may
}

/** The roles from which nothing of any order is hidden. */
async function wholeRoles() {
  const { stdout } = await server.run('access', ['roles'])
  const rows = stdout.trimEnd().split('\n').filter(row => row.endsWith('fields public, personal, money, internal; all stores'))
  return new Set(rows.map(row => row.split(' ')[0]))
}

async function clientFor(role) {
  const { code, stdout, stderr } = await server.run(['key', 'add'], [`the-${role}`, '--role', role])
  assert.equal(code, 0, stderr)
  const client = new Client(server.url, { key: stdout.trim().split(/\s+/).at(-1) })
  await until(async () => (await client.get('/api/orders')).status !== 401, { what: `the key of ${role}` })
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

test('each path asks each role for the permission that the document says', { timeout: 600_000 }, async () => {
  await until(async () => (await server.get('/api/orders')).status === 401, { what: 'keys being loaded' })
  const [may, whole] = [await matrix(), await wholeRoles()]
  assert.ok(whole.has('owner') && !whole.has('junior') && !whole.has('warehouse'), [...whole].join(' '))
  const clients = new Map()
  for (const role of may.keys()) clients.set(role, await clientFor(role))
  const seen = new Set()
  for (const operation of operations()) {
    const permission = permissionOf(operation)
    if (permission === null) {
      assert.ok(![401, 403].includes((await call(server, operation)).status), operation.path)
      continue
    }
    assertProblem(await call(server, operation), 401)
    if (permission === undefined) continue
    seen.add(permission)
    const endless = operation.responses[200]?.content?.['text/event-stream'] // follow.test.mjs has a client for it
    for (const [role, permissions] of clients.size ? may : []) {
      if (!permissions.has(permission)) {
        const answer = await call(clients.get(role), operation)
        assertProblem(answer, 403)
        assert.ok(answer.body.detail.includes(permission), answer.body.detail)
        assert.equal(answer.body.permission, permission)
      } else if (operation.method === 'get' && !endless) {
        const { status, body } = await call(clients.get(role), operation)
        const hidden = !whole.has(role) && status === 403 && body.code === 'fields_hidden'
        assert.ok(hidden || [200, 404, 422].includes(status), `${role} ${operation.path}: ${status}`)
      }
    }
  }
  for (const permission of seen) assert.ok(may.get('owner').has(permission), permission)
  assert.ok(seen.size > 20, [...seen].join(' '))
  for (const client of clients.values()) client.close()
})
