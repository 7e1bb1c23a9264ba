// A dialog at the side (or in the middle) over the page. The browser's own <dialog> keeps the focus in
// it, closes it with Escape and gives the focus back.
import { useEffect, useRef } from 'preact/hooks'

import { html } from '../lib/html.js'
import { t } from '../lib/text.js'

let ids = 0

/** kind: 'side' or 'middle'. `onClose` is called when it is left without an answer. */
export function Sheet({ title, kind = 'side', onClose, children }) {
  const dialog = useRef()
  const id = useRef(`sheet-${++ids}`).current
  useEffect(() => {
    const before = document.activeElement
    dialog.current.showModal()
    dialog.current.querySelector('[autofocus], input:not([type=hidden]), select, textarea')?.focus()
    return () => before?.focus?.({ preventScroll: true })
  }, [])
  return html`<dialog class="sheet sheet-${kind}" ref=${dialog} aria-labelledby=${id}
      onCancel=${event => { event.preventDefault(); onClose() }}
      onClick=${event => { if (event.target === dialog.current) onClose() }}>
    <div class="sheet-in">
      <header class="sheet-head">
        <h2 id=${id}>${title}</h2>
        <button class="plain" aria-label=${t('close')} onClick=${onClose}>✕</button>
      </header>
      ${children}
    </div>
  </dialog>`
}
