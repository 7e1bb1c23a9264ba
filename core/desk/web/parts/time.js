// How long ago something was; when exactly, on pointing at it. All of them move on with one clock.
import { signal } from '@preact/signals'

import { html } from '../lib/html.js'
import { ago, moment } from '../lib/text.js'

const now = signal(Date.now())
setInterval(() => { if (!document.hidden) now.value = Date.now() }, 30_000)

export function Ago({ at }) {
  if (!at) return null
  return html`<time datetime=${at} title=${moment(at)}>${ago(at, now.value)}</time>`
}
