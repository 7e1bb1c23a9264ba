// A status in the shop's own words. Its badge and progress choose the colour; the words alone tell all.
import { html } from '../lib/html.js'

const TONES = ['default', 'success', 'warning', 'critical', 'destructive', 'outline', 'info']

export function Badge({ status, label }) {
  if (!status) return null
  const tone = TONES.includes(status.badge) ? status.badge : 'default'
  return html`<span class="badge badge-${tone}">${label && html`<span class="hidden">${label}: </span>`}${status.name || status.code}</span>`
}
