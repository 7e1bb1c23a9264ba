// Dark or light: as the system says, unless the person chose.
import { signal } from '@preact/signals'

import { keep, recall } from '../lib/store.js'

const THEMES = ['system', 'light', 'dark']
export const theme = signal(recall('theme', 'system', value => THEMES.includes(value)))

export function useTheme(name = theme.value) {
  theme.value = name
  document.documentElement.dataset.theme = name
}

export function chooseTheme(name) {
  keep('theme', name)
  useTheme(name)
}

export const nextTheme = () => chooseTheme(THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length])
