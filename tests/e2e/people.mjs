// People for tests: a browser's cookies, an authenticator app, and links that are used.
import assert from 'node:assert/strict'
import crypto from 'node:crypto'

import { Client, until } from './lib.mjs'

/** A client that keeps cookies and sends Origin, as a browser does. */
export class Person extends Client {
  cookies = new Map()

  async api(method, path, body, headers = {}, options = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await super.api(method, path, body,
      { ...cookie && { cookie }, ...method !== 'GET' && { origin: this.url }, ...headers }, options)
    for (const set of answer.headers['set-cookie'] ?? []) {
      const [pair, ...attributes] = set.split('; ')
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]
      if (attributes.includes('Max-Age=0')) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return answer
  }

  async login(email, password, totp) {
    const answer = await this.post('/auth/login', { email, password, ...totp && { totp } })
    assert.equal(answer.status, 200, answer.text)
    return answer.body
  }
}

export const tokenOf = link => new URL(link, 'http://here').searchParams.get('token')

/** The first user, by the link that the server has printed. */
export async function setUp(server, email = 'owner@shop.example', password = 'correct horse battery') {
  const line = await until(() => /\/auth\/setup\?token=(\w+)/.exec(server.out), { what: 'the link for the first user' })
  const made = await server.post('/auth/setup', { token: line[1], email, name: 'Olga Owner', password })
  assert.equal(made.status, 200, made.text)
  const person = new Person(server.url)
  await person.login(email, password)
  return person
}

/** A user made by `owner`, who has chosen a password. */
export async function addUser(server, owner, email, role, password = 'correct horse battery') {
  const made = await owner.post('/api/users', { email, role })
  assert.equal(made.status, 201, made.text)
  const chosen = await server.post('/auth/reset', { token: tokenOf(made.body.link), password })
  assert.equal(chosen.status, 200, chosen.text)
  return made.body
}

function unbase32(text) {
  const bits = [...text].map(c => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  return Buffer.from(bits.match(/.{8}/g).map(byte => parseInt(byte, 2)))
}

/** The code that an app shows now, or so many steps of 30 s from now (RFC 6238, as otplib does it). */
export function totp(secret, steps = 0) {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps))
  const mac = crypto.createHmac('sha1', unbase32(secret)).update(counter).digest()
  const at = mac[19] & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}
