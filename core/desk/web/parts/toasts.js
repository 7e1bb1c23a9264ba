// Short notices of what was done. They go by themselves, but not while the pointer or the focus is on them.
import { signal } from '@preact/signals'

import { html } from '../lib/html.js'
import { t } from '../lib/text.js'

const STAY_MS = 6000
const toasts = signal([])
let count = 0

const drop = id => { toasts.value = toasts.value.filter(each => each.id !== id) }

/** tone: 'done' or 'failed'. */
export function toast(text, tone = 'done') {
  const id = ++count
  toasts.value = [...toasts.value.slice(-3), { id, text, tone }]
  setTimeout(function leave() {
    if (document.querySelector('.toasts:hover, .toasts:focus-within')) setTimeout(leave, 1000)
    else drop(id)
  }, STAY_MS)
}

export function Toasts() {
  return html`<div class="toasts" role="status" aria-live="polite">${toasts.value.map(({ id, text, tone }) => html`
    <div class="toast toast-${tone}" key=${id}>
      <span>${text}</span>
      <button class="plain" aria-label=${t('close')} onClick=${() => drop(id)}>✕</button>
    </div>`)}</div>`
}
