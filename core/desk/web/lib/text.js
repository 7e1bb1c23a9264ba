// The words of the desk in the person's language, and numbers and times as that language writes them.
// texts/LANGUAGE.json is the catalogue; a text with forms is an object by plural category.
import { signal } from '@preact/signals'

import { keep, recall } from './store.js'

export const LANGUAGES = { en: 'English', de: 'Deutsch' }

export const language = signal('en')
const catalogues = {}
let formats = {}

/** The language that was chosen, else the first of the browser's that there is. */
function preferred() {
  const chosen = recall('language', undefined, value => value in LANGUAGES)
  return chosen ?? navigator.languages.map(each => each.slice(0, 2)).find(each => each in LANGUAGES) ?? 'en'
}

async function load(code) {
  catalogues[code] ??= await (await fetch(import.meta.resolve(`../texts/${code}.json`))).json()
}

export async function useLanguage(code = preferred()) {
  // English stands in for what another catalogue lacks.
  await Promise.all([load('en'), load(code)])
  formats = {}
  document.documentElement.lang = code
  document.documentElement.dir = catalogues[code].direction
  language.value = code
}

export async function chooseLanguage(code) {
  keep('language', code)
  await useLanguage(code)
}

/** The text of that name, with {values} put in; {count} chooses the plural form. */
export function t(name, values = {}) {
  const text = catalogues[language.value]?.[name] ?? catalogues.en?.[name]
  if (text === undefined) return name
  const form = typeof text === 'string' ? text
    : text[format('plural', () => new Intl.PluralRules(language.value)).select(values.count)] ?? text.other
  return form.replace(/\{(\w+)\}/g, (_, key) => typeof values[key] === 'number' ? number(values[key]) : values[key] ?? '')
}

/** Whether there is such a text. */
export const has = name => name in (catalogues.en ?? {})

function format(name, make) {
  return formats[name] ??= make()
}

export function number(value) {
  return format('number', () => new Intl.NumberFormat(language.value)).format(value)
}

export function money(amount, currency) {
  if (amount === null) return '–'
  try {
    return format(currency, () => new Intl.NumberFormat(language.value, { style: 'currency', currency })).format(amount)
  } catch {
    return `${number(amount)} ${currency ?? ''}`
  }
}

/** Date and time of day, with the zone. */
export function moment(at) {
  return format('moment', () => new Intl.DateTimeFormat(language.value, {
    dateStyle: 'medium', timeStyle: 'long',
  })).format(new Date(at))
}

const STEPS = [['year', 31557600], ['month', 2629800], ['week', 604800], ['day', 86400], ['hour', 3600], ['minute', 60]]

/** "3 hours ago" */
export function ago(at, now = Date.now()) {
  const seconds = (new Date(at) - now) / 1000
  const relative = format('relative', () => new Intl.RelativeTimeFormat(language.value, { numeric: 'auto', style: 'short' }))
  const [unit, length] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1]
  return unit === 'second' ? relative.format(0, 'second') : relative.format(Math.round(seconds / length), unit)
}
