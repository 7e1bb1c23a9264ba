// A sheet that gives one command: it is tried as the person fills it in, so that what would come of it, or
// who refuses it and why, is told before it is done. When the order changed meanwhile, the sheet shows how.
import { useEffect, useRef, useState } from 'preact/hooks'

import { api, get, idempotencyKey } from '../lib/api.js'
import { html } from '../lib/html.js'
import { t } from '../lib/text.js'
import { Badge } from './badge.js'
import { eventText } from './event_text.js'
import { ProblemBox } from './problem.js'
import { Sheet } from './sheet.js'
import { Ago } from './time.js'
import { toast } from './toasts.js'

const TRY_MS = 250
const AGAIN_MS = 2000

export const orderPath = order => `/api/orders/${order.uuid}`

/** {outcome, problem} of the command if it were given now. */
function useTrial(method, path, body, again) {
  const [trial, setTrial] = useState({})
  useEffect(() => {
    const abort = new AbortController()
    let timer
    const run = () => api(method, `${path}?dryRun=true`, { body: method === 'DELETE' ? undefined : body ?? {}, signal: abort.signal }).then(
      outcome => setTrial({ outcome }),
      problem => {
        if (abort.signal.aborted) return
        setTrial({ problem })
        if (problem.passing) timer = setTimeout(run, AGAIN_MS)
      })
    timer = setTimeout(run, TRY_MS)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [path, JSON.stringify(body), again])
  return trial
}

/** What others did since the version that the person looked at. */
function Conflict({ order, since, onAgain }) {
  const [events, setEvents] = useState([])
  useEffect(() => {
    get(`${orderPath(order)}/events?after=${since}&limit=20`).then(page => setEvents(page.items), () => {})
  }, [since])
  return html`<div class="problem" role="alert">
    <p><strong>${t('conflict')}</strong></p>
    <ul>${events.map(event => html`<li key=${event.seq}>${eventText(event, order)} · ${event.actor ?? 'orderd'} · <${Ago} at=${event.recordedAt} /></li>`)}</ul>
    <p><button type="button" onClick=${onAgain}>${t('conflict.again')}</button></p>
  </div>`
}

/**
 * command: {title, method, path, body, done (a text), danger}. body undefined: something is still to be
 * filled in. tell(outcome): what else would come of it.
 */
export function CommandSheet({ order, title, method = 'POST', path, body, button, danger, tell, onClose, onDone, children }) {
  const [version, setVersion] = useState(order.version)
  const [problem, setProblem] = useState()
  const [busy, setBusy] = useState(false)
  const key = useRef(idempotencyKey())
  const trial = useTrial(method, path, body, version)
  useEffect(() => { key.current = idempotencyKey() }, [JSON.stringify(body), version])

  const submit = async event => {
    event.preventDefault()
    setBusy(true)
    setProblem(undefined)
    try {
      await api(method, path, { body: method === 'DELETE' ? undefined : body ?? {}, headers: { 'if-match': `"${version}"`, 'idempotency-key': key.current } })
      toast(t('done', { what: title }))
      onDone()
      onClose()
    } catch (error) {
      setProblem(error)
      setBusy(false)
    }
  }
  const again = async () => {
    const now = await get(orderPath(order))
    setProblem(undefined)
    setVersion(now.version)
    onDone()
  }
  const { outcome } = trial
  return html`<${Sheet} title=${title} onClose=${onClose}>
    <form class="form" onSubmit=${submit}>
      ${children}
      <div aria-live="polite" class="stack">
        ${problem?.status === 412 ? html`<${Conflict} order=${order} since=${version} onAgain=${again} />`
          : html`<${ProblemBox} problem=${problem ?? trial.problem} />`}
        ${outcome && !problem && html`<div class="verdict">${tell?.(outcome)}
          ${outcome.status?.code && html`<p>${t('would.be')} <${Badge} status=${outcome.status} label=${t('status')} />
            <${Badge} status=${outcome.paymentStatus} label=${t('paymentStatus')} /> <${Badge} status=${outcome.shipmentStatus} label=${t('shipmentStatus')} /></p>`}
          ${!outcome.status?.code && !tell && html`<p>${t('would.work')}</p>`}</div>`}
      </div>
      <div class="buttons"><button class=${danger ? 'danger' : 'primary'} disabled=${busy || (!outcome && problem?.status !== 0)}>${button ?? title}</button>
        <button type="button" onClick=${onClose}>${t('dismiss')}</button></div>
    </form>
  <//>`
}
