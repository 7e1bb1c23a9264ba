// What went wrong with a command or a read, said in the API's own words.
import { html } from '../lib/html.js'
import { has, t } from '../lib/text.js'

export function ProblemBox({ problem, children }) {
  if (!problem) return null
  const hint = problem.code && has(`hint.${problem.code}`) ? t(`hint.${problem.code}`) : undefined
  return html`<div class="problem" role="alert">
    <p>${problem.status === 0 ? t('offline.short') : problem.message}</p>
    ${problem.policy && html`<p class="quiet">${t('refused.by', { rule: problem.policy })}</p>`}
    ${hint && html`<p>${hint}</p>`}
    ${problem.errors?.length > 0 && html`<ul>${problem.errors.map(each => html`<li><code>${each.pointer}</code> ${each.detail}</li>`)}</ul>`}
    ${children}
  </div>`
}
