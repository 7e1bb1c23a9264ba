// The other systems of the plugins' tests: each signs as its vendor documents, over bodies of the
// vendor's own shape. And a stranger who sends every wrong form of a message, well signed.
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import path from 'node:path'

import { Webhook } from 'standardwebhooks'

import { ROOT, useServer } from './lib.mjs'

export const SECRET = {
  adyen: '44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056', // Adyen's example
  carrier: 'se\u0301cret', // that of EasyPost's recorded event, decomposed as its clients do
  fraud: `whsec_${Buffer.from('fraud-service-key').toString('base64')}`,
  generic: 'generic-secret',
  stripe: 'whsec_test_4f1d',
  warehouse: `whsec_${Buffer.from('the-warehouse-key').toString('base64')}`,
}

const hmac = (key, text, encoding, algorithm = 'sha256') => crypto.createHmac(algorithm, key).update(text).digest(encoding)
const seconds = at => Math.floor(at / 1000)

function standard(secret) {
  return (body, { at, id }) => ({
    'webhook-id': id, 'webhook-timestamp': String(seconds(at)),
    'webhook-signature': new Webhook(secret).sign(id, new Date(at), body.toString()),
  })
}

/** source → headers of a message that was sent at `at`; `secret` is another one when it is forged. */
export const SIGN = {
  adyen: () => ({}), // in the body: see adyenItem
  carrier: (body, { secret = SECRET.carrier }) => ({ 'x-hmac-signature': `hmac-sha256-hex=${hmac(secret, body, 'hex')}` }),
  fraud: (body, { secret = SECRET.fraud, ...rest }) => standard(secret)(body, rest),
  generic: (body, { secret = SECRET.generic, at }) => ({
    'x-time': String(seconds(at)),
    'x-hub-signature': `sha512=${hmac(secret, Buffer.concat([Buffer.from(`${seconds(at)}.`), Buffer.from(body)]), 'base64', 'sha512')}`,
  }),
  stripe: (body, { secret = SECRET.stripe, at }) => ({
    'stripe-signature': `t=${seconds(at)},v0=00,v1=${hmac(secret, Buffer.concat([Buffer.from(`${seconds(at)}.`), Buffer.from(body)]), 'hex')}`,
  }),
  warehouse: (body, { secret = SECRET.warehouse, ...rest }) => standard(secret)(body, rest),
}

/** One item of Adyen's, signed over the fields that its documentation lists. */
export function adyenItem(item, key = SECRET.adyen) {
  const signed = [item.pspReference, item.originalReference, item.merchantAccountCode, item.merchantReference,
    item.amount?.value, item.amount?.currency, item.eventCode, item.success].map(v => v ?? '').join(':')
  const hmacSignature = hmac(Buffer.from(key, 'hex'), signed, 'base64')
  return { live: 'false', notificationItems: [{ NotificationRequestItem: { ...item, additionalData: { ...item.additionalData, hmacSignature } } }] }
}

/** A server with these plugins, of the repository, and their settings. */
export function usePlugins({ plugins, grants, settings, config = text => text, ...rest }) {
  const section = (name, lines) => `\n[${name}]\n${Object.entries(lines).map(([k, v]) => `${k} = ${v}\n`).join('')}`
  return useServer({
    ...rest,
    // The stranger below guesses more often than the limit lets one address guess.
    options: { 'plugins.dir': path.join(ROOT, 'plugins'), 'plugins.load': plugins.join(', '), 'receivers.rate': 0, ...rest.options },
    config: text => config(text) + section('grant', grants) +
      Object.entries(settings).map(([name, lines]) => section(`plugin.${name}`, lines)).join(''),
  })
}

let count = 0

export class Sender {
  constructor(server, source) {
    Object.assign(this, { server, source })
  }

  /** Sends bytes, or anything as JSON: {status, text, body}. */
  async tell(message, { at = Date.now(), id = `msg_${process.pid}_${++count}`, secret, headers } = {}) {
    const body = typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message)
    const answer = await fetch(`${this.server.url}/webhooks/${this.source}`, {
      method: 'POST', body, headers: headers ?? { 'content-type': 'application/json', ...SIGN[this.source](body, { at, id, secret }) },
    })
    const text = await answer.text()
    return { status: answer.status, text, body: text.startsWith('{') ? JSON.parse(text) : undefined }
  }

  /** The same, which must be answered so. */
  async told(message, status = 200, options) {
    const answer = await this.tell(message, options)
    assert.equal(answer.status, status, `${JSON.stringify(message)}: ${answer.text}`)
    return answer
  }
}

// ---- the stranger

const RAW = '\u0001' // marks text that stands in the message as it is, which JSON.stringify cannot write
const WRONG = [null, true, -1, 1.5, '', ' ', 'x'.repeat(5000), '\u0000', 'ü\u2028', [], {}, [[]], { a: { b: [1] } }, [null],
  ...['1e3', '1.0', '-0', '1e400', '9223372036854775808', '123456789012345678901234567890'].map(raw => RAW + raw)]

const write = message => JSON.stringify(message).replaceAll(/"\\u0001([^"]*)"/g, '$1')

/** Paths of all members, the inner ones too. */
function* members(value, at = []) {
  for (const key of value && typeof value === 'object' ? Object.keys(value) : []) {
    yield [...at, key]
    yield* members(value[key], [...at, key])
  }
}

function changed(message, at, value) {
  const copy = structuredClone(message)
  const parent = at.slice(0, -1).reduce((v, key) => v[key], copy)
  if (value === undefined) delete parent[at.at(-1)]
  else parent[at.at(-1)] = value
  return copy
}

/** Every member missing or of a wrong kind, and bodies that are no message at all. */
export function* wrongForms(message) {
  for (const at of members(message)) for (const value of [undefined, ...WRONG]) yield write(changed(message, at, value))
  yield* ['', ' ', '{', 'null', '7', '1e400', '[]', '"text"', '{"a":1}{', '[{}]', '{"id":1,"id":2}', '\ufeff{}']
  yield '['.repeat(30) + ']'.repeat(30)
  yield '['.repeat(100_000)
  yield '{"a":'.repeat(5000) + '1' + '}'.repeat(5000)
  yield Buffer.from([0, 255, 254, 0x7b, 0x22, 0xff])
  yield write({ ...message, pad: 'x'.repeat(900_000) })
  yield write({ ...message, pad: Array(200_000).fill(0) })
  yield write({ ...message, pad: Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, i])) })
  yield write({ ...message, pad: 'x'.repeat(1_100_000) })
}

/** Sends them all. None is an error of ours, and what is refused says why. */
export async function assaulted(sender, message, { wrap = m => m } = {}) {
  let sent = 0
  for (const form of wrongForms(message)) {
    const { status, text } = await sender.tell(wrap(form))
    assert.ok([200, 202, 401, 413, 422].includes(status), `${sender.source}: ${String(form).slice(0, 300)}: ${status} ${text}`)
    if (status === 422) assert.ok(JSON.parse(text).detail.length > 5, text)
    sent++
  }
  return sent
}
