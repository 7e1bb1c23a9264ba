// One action on many orders: what it needs, a dry run that names what will be refused and why, then the
// action itself with a result for each order.
import { useRef, useState } from 'preact/hooks'

import { everyOrder, runBatch } from '../lib/batch.js'
import { html } from '../lib/html.js'
import { orderUrl } from '../lib/route.js'
import { t } from '../lib/text.js'
import { ProblemBox } from './problem.js'
import { Sheet } from './sheet.js'

export const ACTIONS = ['ship', 'hold', 'release', 'tag', 'note', 'cancel']

const INPUTS = {
  cancel: [{ name: 'reason' }],
  hold: [{ name: 'handle', pattern: '[a-z0-9_\\-]{1,40}', hint: 'bulk.handle' }, { name: 'reason' }],
  release: [],
  ship: [],
  tag: [{ name: 'tag', required: true }],
  note: [{ name: 'comment', required: true, long: true }, { name: 'customerNotified', flag: true }],
}

function Field({ field, input, setInput }) {
  const set = value => setInput({ ...input, [field.name]: value })
  if (field.flag) {
    return html`<label class="flag"><input type="checkbox" checked=${input[field.name] ?? false} onChange=${event => set(event.target.checked)} />
      ${t(`field.${field.name}`)}</label>`
  }
  const own = { value: input[field.name] ?? '', required: field.required, onInput: event => set(event.target.value) }
  return html`<label>${t(`field.${field.name}`)} ${field.long ? html`<textarea rows="3" ...${own}></textarea>`
    : html`<input pattern=${field.pattern} ...${own} />`}${field.hint && html`<span class="quiet">${t(field.hint)}</span>`}</label>`
}

/** Refusals by reason, the most frequent first. */
function Refusals({ results }) {
  const reasons = new Map()
  for (const { order, problem } of results.filter(each => each.problem)) {
    const key = problem.message
    if (!reasons.has(key)) reasons.set(key, { problem, orders: [] })
    reasons.get(key).orders.push(order)
  }
  return [...reasons.values()].sort((a, b) => b.orders.length - a.orders.length).map(({ problem, orders }) => html`
    <section class="refusal"><h3>${t('bulk.refused', { count: orders.length })}</h3>
      <p>${problem.message}</p>${problem.policy && html`<p class="quiet">${t('refused.by', { rule: problem.policy })}</p>`}
      <details open=${orders.length <= 10}><summary>${t('bulk.which')}</summary>
        <ul class="numbers">${orders.map(order => html`<li><a href=${orderUrl(order)} target="_blank">${order.orderNumber}</a></li>`)}</ul></details>
    </section>`)
}

function Results({ results }) {
  return html`<div class="scroll"><table class="list"><caption class="hidden">${t('bulk.results')}</caption>
    <thead><tr><th scope="col">${t('order')}</th><th scope="col">${t('bulk.result')}</th></tr></thead>
    <tbody>${[...results].sort((a, b) => !!b.problem - !!a.problem).map(({ order, problem }) => html`<tr key=${order.uuid}>
      <th scope="row"><a href=${orderUrl(order)} target="_blank">${order.orderNumber}</a></th>
      <td>${problem ? problem.message : t('bulk.done')}</td></tr>`)}</tbody></table></div>`
}

/** target: {orders} or, for all that match, {query, total}. */
export function Bulk({ action, target, onClose, onDone }) {
  const [input, setInput] = useState({})
  const [step, setStep] = useState('input') // input → checking → checked → running → done
  const [progress, setProgress] = useState({ done: 0, of: target.total ?? target.orders.length })
  const [results, setResults] = useState([])
  const [problem, setProblem] = useState()
  const abort = useRef(new AbortController()).current
  const good = results.filter(each => !each.problem)
  const close = () => {
    abort.abort()
    onClose()
  }

  const check = async event => {
    event.preventDefault()
    setStep('checking')
    setProblem(undefined)
    try {
      const orders = target.orders ?? await everyOrder(target.query, {
        signal: abort.signal, onProgress: done => setProgress({ done, of: target.total, reading: true }),
      })
      setResults(await runBatch(action, orders, input, {
        dryRun: true, signal: abort.signal, onProgress: (done, of) => setProgress({ done, of }),
      }))
      setStep('checked')
    } catch (error) {
      setProblem(error)
      setStep('input')
    }
  }

  const run = async () => {
    setStep('running')
    setProblem(undefined)
    const orders = good.map(each => each.order)
    try {
      setResults(await runBatch(action, orders, input, {
        signal: abort.signal, onProgress: (done, of) => setProgress({ done, of }),
      }))
      setStep('done')
    } catch (error) {
      setProblem(error)
      setStep('checked')
    }
    onDone()
  }

  const busy = step === 'checking' || step === 'running'
  const count = target.total ?? target.orders.length
  return html`<${Sheet} title=${t(`bulk.${action}`, { count })} onClose=${close}>
    <${ProblemBox} problem=${problem} />
    ${step === 'input' && html`<form class="form" onSubmit=${check}>
      ${INPUTS[action].map(field => html`<${Field} field=${field} input=${input} setInput=${setInput} />`)}
      <p class="quiet">${t('bulk.first')}</p>
      <div class="buttons"><button class="primary">${t('bulk.check', { count })}</button>
        <button type="button" onClick=${close}>${t('dismiss')}</button></div>
    </form>`}
    ${busy && html`<div role="status"><p>${t(step === 'checking' ? progress.reading ? 'bulk.reading' : 'bulk.checking' : 'bulk.running', progress)}</p>
      <progress aria-label=${t('progress')} max=${progress.of} value=${progress.done}></progress></div>`}
    ${step === 'checked' && html`<div role="status" class="verdict">
        <p><strong>${t('bulk.would', { count: good.length })}</strong>${good.length < results.length && ` ${t('bulk.would_not', { count: results.length - good.length })}`}</p></div>
      <${Refusals} results=${results} />
      <div class="buttons">
        <button class=${action === 'cancel' ? 'danger' : 'primary'} disabled=${!good.length} onClick=${run}>${t(`bulk.${action}`, { count: good.length })}</button>
        <button onClick=${close}>${t('dismiss')}</button></div>`}
    ${step === 'done' && html`<div role="status" class="verdict"><p><strong>${t('bulk.were', { count: good.length })}</strong>
        ${good.length < results.length && ` ${t('bulk.were_not', { count: results.length - good.length })}`}</p></div>
      <${Results} results=${results} />
      <div class="buttons"><button class="primary" onClick=${close}>${t('close')}</button></div>`}
  <//>`
}
