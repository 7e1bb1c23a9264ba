// Keyboard shortcuts: a table that the pages add to while they are shown, and the sheet that lists it.
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

import { html } from '../lib/html.js'
import { t } from '../lib/text.js'
import { Sheet } from './sheet.js'

export const helping = signal(false)
const shortcuts = signal([])
let first = ''
let forget

/** list: [{keys: 'g o' or 'x', text, run}]; text names a text. They hold while the component is shown. */
export function useShortcuts(list) {
  useEffect(() => {
    shortcuts.value = [...shortcuts.peek(), ...list]
    return () => { shortcuts.value = shortcuts.peek().filter(each => !list.includes(each)) }
  }, [])
}

const writing = target => target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName) ||
  (target.tagName === 'INPUT' && !/^(checkbox|radio|range|button|submit)$/.test(target.type))

export function watchKeys() {
  document.addEventListener('keydown', event => {
    const control = event.ctrlKey || event.metaKey
    const name = control ? `ctrl ${event.key.toLowerCase()}` : event.key
    if (event.defaultPrevented || event.altKey || event.isComposing) return
    if (!control && (writing(event.target) || document.querySelector('dialog[open]'))) return
    const wanted = first ? `${first} ${name}` : name
    clearTimeout(forget)
    first = ''
    const found = shortcuts.value.findLast(each => each.keys === wanted)
    if (found) {
      event.preventDefault()
      found.run()
    } else if (shortcuts.value.some(each => each.keys.startsWith(`${name} `)) && !control) {
      first = name
      forget = setTimeout(() => { first = '' }, 1200)
    }
  })
}

const shown = key => ({ ctrl: 'Ctrl', ' ': t('key.space') })[key] ?? key

export function Help() {
  if (!helping.value) return null
  return html`<${Sheet} title=${t('shortcuts')} kind="middle" onClose=${() => { helping.value = false }}>
    <dl class="keys">${shortcuts.value.map(({ keys, text }) => html`<div>
      <dt>${keys.split(' ').map(key => html`<kbd>${shown(key)}</kbd>`)}</dt><dd>${t(text)}</dd>
    </div>`)}</dl>
  <//>`
}
