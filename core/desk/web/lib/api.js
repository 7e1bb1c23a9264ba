// Requests to the API, and what is known of whether it can be reached.
import { signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'

import { login, signIn } from './session.js'

/** {state: 'ok' | 'offline' | 'unavailable', since, detail}: what the banner tells. */
export const health = signal({ state: 'ok' })

/** An answer that is no success: RFC 9457, or a network that gave none (status 0). */
export class Problem extends Error {
  constructor(status, body = {}, retryAfter = 0) {
    super(body.detail ?? body.title ?? `HTTP ${status}`)
    Object.assign(this, { status, code: body.code, policy: body.policy, errors: body.errors ?? [], retryAfter })
  }

  /** It may be answered later. */
  get passing() {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504
  }
}

function told(state, detail) {
  if (state === 'ok' && health.value.state === 'ok') return
  health.value = { state, detail, since: state === health.value.state ? health.value.since : Date.now() }
}

async function send(method, path, { body, headers = {}, signal: abort, type = 'application/json' }) {
  const by = login()
  const response = await fetch(path, {
    method, signal: abort, cache: 'no-store',
    headers: { 'x-requested-with': 'desk', ...body === undefined ? {} : { 'content-type': type }, ...headers },
    body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
  })
  if (response.status !== 401) return response
  const problem = await response.json().catch(() => ({}))
  await signIn(problem.code === 'unauthenticated' ? undefined : problem.detail, by)
  return send(method, path, { body, headers, signal: abort, type })
}

/** The response of a success; else it throws a Problem. */
export async function request(method, path, options = {}) {
  let response
  try {
    response = await send(method, path, options)
  } catch (error) {
    if (error.name === 'AbortError') throw error
    told('offline')
    throw new Problem(0, {})
  }
  if (response.ok) {
    told('ok')
    return response
  }
  const body = await response.json().catch(() => ({}))
  const problem = new Problem(response.status, body, Number(response.headers.get('retry-after')) || 0)
  // One stream too many says nothing about the server.
  if (problem.code !== 'too_many_listeners') told(problem.passing ? 'unavailable' : 'ok', problem.message)
  throw problem
}

/** The parsed answer. */
export async function api(method, path, options) {
  const response = await request(method, path, options)
  return response.json()
}

export const get = (path, options) => api('GET', path, options)

export const graphql = async query => (await api('POST', '/graphql', { body: { query } })).data

/** A key that makes a command have one effect, however often it is sent. */
export const idempotencyKey = () => crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint32Array(4))].join('-')

const RETRY_MS = [1000, 2000, 4000, 8000]

/** Something that is read, shown while it is read again, and marked as old when that fails. */
export class Resource {
  constructor() {
    /** {data, headers, error, loading, at}; with an error that may pass, data is the last there was. */
    this.state = signal({ loading: true })
    this.tries = 0
  }

  /** Reads `path`; what another path had is dropped unless `keepData`. */
  open(path, { keepData = false } = {}) {
    this.close()
    this.path = path
    this.tries = 0
    this.state.value = { ...keepData ? this.state.value : {}, error: undefined, loading: path !== null }
    if (path !== null) this.refresh()
  }

  async refresh() {
    clearTimeout(this.timer)
    this.abort?.abort()
    const abort = this.abort = new AbortController()
    this.state.value = { ...this.state.peek(), loading: true }
    try {
      const response = await request('GET', this.path, { signal: abort.signal })
      const data = await response.json()
      if (abort.signal.aborted) return
      this.tries = 0
      this.state.value = { data, etag: response.headers.get('etag'), at: Date.now(), loading: false }
    } catch (error) {
      if (abort.signal.aborted) return
      const { data, at } = this.state.peek()
      this.state.value = error.passing ? { data, at, error, loading: false } : { error, loading: false }
      if (error.passing) {
        const wait = Math.max(error.retryAfter * 1000, RETRY_MS[Math.min(this.tries++, RETRY_MS.length - 1)])
        this.timer = setTimeout(() => this.refresh(), wait)
      }
    }
  }

  close() {
    clearTimeout(this.timer)
    this.abort?.abort()
  }
}

const open = new Set()
/** Reads again what is on the page and could not be read, once the network is back. */
export function retryAll() {
  for (const each of open) if (each.state.peek().error?.passing) each.refresh()
}
addEventListener('online', retryAll)

/** The resource of a component; null reads nothing. */
export function useResource(path, options) {
  const resource = useMemo(() => new Resource(), [])
  useEffect(() => {
    resource.open(path, options)
    open.add(resource)
    return () => {
      open.delete(resource)
      resource.close()
    }
  }, [path])
  return resource
}
