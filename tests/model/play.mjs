// One order's life: commands to orderd, alone or several at once, and the same to the model. What was
// accepted is put in the order of the versions that the answers name; there the model must accept it
// and come to the same version. What was refused must be refusable in one of the states there were.
import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'

import { apply, cut, place, Refusal } from './model.mjs'
import { draft, expected, request, shown } from './wire.mjs'

export class Disagreement extends Error {
  constructor(what, script) {
    super(what)
    this.script = script
  }
}

const OF_TWO = new Set(['exchange', 'split'])
const SHORT = new Set(['stock_unavailable', 'busy'])
const DIGITS = { EUR: 2, JPY: 0, KWD: 3 }

const differences = (found, wanted) => Object.keys(wanted).filter(key => !isDeepStrictEqual(found[key], wanted[key]))
  .map(key => `${key}: ${JSON.stringify(found[key])}, not ${JSON.stringify(wanted[key])}`).join('; ')

/** How many were accepted, by command, of several plays. */
export function tally(plays) {
  const sums = {}
  for (const { accepted } of plays) {
    for (const [kind, count] of Object.entries(accepted)) sums[kind] = (sums[kind] ?? 0) + count
  }
  return sums
}

export class Play {
  constructor(clients, start, { currency = 'EUR' } = {}) {
    Object.assign(this, { clients, start, currency, digits: DIGITS[currency], script: [], others: [], accepted: {}, refused: 0 })
  }

  async begin() {
    const answer = await this.clients[0].post('/api/orders', draft(this.start, this.digits, { currency: this.currency }))
    if (answer.status === 409 && SHORT.has(answer.body.code)) return false
    if (answer.status !== 201) throw new Disagreement(`placing: ${answer.text}`, [])
    this.uuid = answer.body.uuid
    this.order = place(this.start)
    this.compare(answer.body)
    return true
  }

  send(command, client, { key, dryRun = false } = {}) {
    const [method, path, body] = request(command, this.digits)
    return client.api(method, `/api/orders/${this.uuid}${path}${dryRun ? '?dryRun=true' : ''}`, body, key ? { 'idempotency-key': key } : {})
  }

  /** Several commands at once, each by a client of its own. */
  async round(commands) {
    // The versions of two orders in one answer cannot be told apart.
    if (commands.length > 1) commands = commands.filter(command => !OF_TWO.has(command.do))
    const answers = await Promise.all(commands.map((command, i) => this.send(command, this.clients[i % this.clients.length])))
    const calls = commands.map((command, i) => ({ command, answer: answers[i] }))
    this.script.push(commands.length === 1 ? commands[0] : commands)
    this.settle(calls)
  }

  /** One command: what would happen, then that it does, then the same again under its key. */
  async careful(command, key) {
    const [first, last] = [this.clients[0], this.clients.at(-1)]
    const before = await this.send(command, first, { dryRun: true })
    const answer = await this.send(command, last, { key })
    this.script.push(command)
    this.settle([{ command, answer }])
    if ((before.status < 300) !== (answer.status < 300) && !SHORT.has(answer.body.code)) {
      this.fail(`a dry run that said ${before.status} ${before.text.slice(0, 200)}`, command, answer)
    }
    if (answer.status >= 300) return
    const again = await this.send(command, first, { key })
    const same = again.status === answer.status && again.headers.etag === answer.headers.etag && isDeepStrictEqual(again.body, answer.body)
    if (!same || again.headers['idempotency-replayed'] !== 'true') this.fail(`another answer to the same key: ${differences(again.body, answer.body)}`, command, again)
  }

  /** The version an accepted command left; an exchange answers with the order that was sent instead,
   * a split with the one that it makes. */
  versionOf({ command, answer }) {
    if (!OF_TWO.has(command.do)) return Number(/^"(\d+)"$/.exec(answer.headers.etag)?.[1])
    const other = new Play(this.clients, {}, { currency: this.currency })
    other.order = this.otherOf(command, answer)
    other.compare(answer.body)
    const named = command.do === 'exchange' ? answer.body.exchangeOf : answer.body.splitOf
    if (named !== this.uuid) this.fail('it names another order', command, answer)
    this.others.push(other.order)
    return this.order.version + 1
  }

  otherOf(command, answer) {
    if (command.do === 'exchange') return place(command)
    try {
      return cut(structuredClone(this.order), command)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.fail(`orderd accepts what the model refuses (${error.message})`, command, answer)
    }
  }

  settle(calls) {
    const done = calls.filter(({ answer }) => answer.status < 300)
      .map(call => ({ ...call, version: this.versionOf(call) }))
      .sort((a, b) => a.version - b.version)
    const states = [structuredClone(this.order)]
    while (done.length) {
      const { command, answer, version } = done.splice(this.first(done), 1)[0]
      this.accept(command, answer, version)
      states.push(structuredClone(this.order))
    }
    for (const { command, answer } of calls.filter(call => call.answer.status >= 300)) this.checkRefused(command, answer, states)
  }

  /** Of those that name the same version one made it, and the others found nothing to do, then. */
  first(done) {
    const same = done.filter(({ version }) => version === done[0].version)
    const made = same.filter(({ command }) => this.events(command) > 0)
    const alone = made.find(call => same.every(other => other === call || this.events(other.command, call.command) === 0))
    return Math.max(done.indexOf(alone ?? made[0]), 0)
  }

  /** How many events the command is on the order as it is, or as another command leaves it; undefined: refused. */
  events(command, after) {
    const order = structuredClone(this.order)
    try {
      if (after) apply(order, after)
      return apply(order, command)
    } catch (error) {
      if (error instanceof Refusal) return undefined
      throw error
    }
  }

  accept(command, answer, version) {
    try {
      apply(this.order, command)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.fail(`orderd accepts what the model refuses (${error.message})`, command, answer)
    }
    if (this.order.version !== version) this.fail(`version ${version}, in the model ${this.order.version}`, command, answer)
    const kind = command.type ?? command.do
    this.accepted[kind] = (this.accepted[kind] ?? 0) + 1
  }

  checkRefused(command, answer, states) {
    if (![404, 409, 422].includes(answer.status)) this.fail('an answer that is none', command, answer)
    this.refused++
    if (SHORT.has(answer.body.code)) return
    const refusable = states.some(state => {
      try {
        apply(structuredClone(state), command)
        return false
      } catch (error) {
        if (error instanceof Refusal) return true
        throw error
      }
    })
    if (!refusable) this.fail('orderd refuses what the model accepts', command, answer)
  }

  fail(what, command, answer) {
    throw new Disagreement(`${what}: ${JSON.stringify(command)}: ${answer.status} ${answer.text.slice(0, 600)}`, this.script)
  }

  compare(body) {
    const [mine, theirs] = [expected(this.order, this.digits), shown(body, this.digits)]
    if (isDeepStrictEqual(theirs, mine)) return
    throw new Disagreement(`the order differs from the model's: ${differences(theirs, mine)}`, this.script)
  }

  async check() {
    const answer = await this.clients[0].get(`/api/orders/${this.uuid}`)
    assert.equal(answer.status, 200, answer.text)
    this.compare(answer.body)
  }
}

/** Plays a script of rounds on a new order; returns what disagreed, or undefined. */
export async function replay(clients, start, script, options) {
  const play = new Play(clients, start, options)
  try {
    if (!await play.begin()) return undefined
    for (const round of script) {
      await play.round([round].flat())
      await play.check()
    }
    return undefined
  } catch (error) {
    if (error instanceof Disagreement) return error
    throw error
  }
}

/** The script with as much left out as can be while it still disagrees: one command at a time. */
export async function shrink(clients, start, script, options) {
  let [least, last] = [script.flat(), undefined]
  last = await replay(clients, start, least, options)
  if (!last) return { script, message: 'only commands at once disagree; alone they do not' }
  least = last.script
  for (let size = Math.ceil(least.length / 2); size >= 1; size = size > 1 ? Math.ceil(size / 2) : 0) {
    for (let at = 0; at < least.length;) {
      const shorter = least.toSpliced?.(at, size) ?? [...least.slice(0, at), ...least.slice(at + size)]
      const found = await replay(clients, start, shorter, options)
      if (found) [least, last] = [found.script, found]
      else at += size
    }
  }
  return { script: least, message: last.message }
}
