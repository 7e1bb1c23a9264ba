// Templates: html`<p class=${name}>…</p>`. Values are text, never markup.
import { h } from 'preact'
import htm from 'htm'

export const html = htm.bind(h)
