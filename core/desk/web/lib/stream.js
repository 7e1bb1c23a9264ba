// Follows the ledger: GET /api/stream by fetch, because EventSource cannot carry a key.
import { request } from './api.js'

/** Calls on({type, orderId, orderNumber, …}) for each event from now on. Returns how to stop it. */
export function follow(on) {
  const abort = new AbortController()
  let last
  let wait = 1000

  async function listen() {
    const headers = last ? { 'last-event-id': last } : {}
    const response = await request('GET', `/api/stream${last ? '' : '?after=latest'}`, { headers, signal: abort.signal })
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    let rest = ''
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      wait = 1000
      const messages = (rest + value).split('\n\n')
      rest = messages.pop()
      for (const message of messages) take(message)
    }
  }

  function take(message) {
    const fields = {}
    for (const line of message.split('\n')) {
      const at = line.indexOf(':')
      if (at > 0) fields[line.slice(0, at)] = line.slice(at + 1).trimStart()
    }
    if (fields.id) last = fields.id
    if (fields.data && fields.event !== 'end' && fields.event !== 'too_large') on(JSON.parse(fields.data))
  }

  async function run() {
    while (!abort.signal.aborted) {
      try {
        await listen()
      } catch {
        // The banner tells of it; here it is only tried again.
      }
      await new Promise(resolve => setTimeout(resolve, wait))
      wait = Math.min(wait * 2, 15000)
    }
  }

  run()
  return () => abort.abort()
}
