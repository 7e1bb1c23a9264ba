// Who looks at the desk. Today that is nobody in particular (mode open) or the bearer of a key, which
// is asked for when the API wants one and kept until the tab is closed. Another way to sign in replaces
// this file alone.
import { signal } from '@preact/signals'

const KEY = 'orderd.desk.key'

/** The sheet that asks for a key, while it is open: {answer(key), detail}. */
export const asking = signal(null)
/** What GET /api/me said; null where the API has no such route. */
export const me = signal(null)

let asked = null

const stored = () => {
  try {
    return sessionStorage.getItem(KEY)
  } catch {
    return null
  }
}

/** What a request has to carry. */
export function credentials() {
  const key = stored()
  return key ? { authorization: `Bearer ${key}` } : {}
}

export const signedIn = () => stored() !== null

/** Asks for a key, once for all who wait for it. `used` is what was refused. */
export function signIn(detail, used) {
  if (stored() && used.authorization !== `Bearer ${stored()}`) return Promise.resolve() // a newer one is there
  asked ??= new Promise(resolve => {
    asking.value = {
      detail,
      answer(key) {
        sessionStorage.setItem(KEY, key.trim())
        asking.value = null
        asked = null
        resolve()
      },
    }
  })
  return asked
}

export function signOut() {
  sessionStorage.removeItem(KEY)
  location.assign('/desk/')
}

/** Whether the person may do that, as far as it is known: without /api/me the API's answer tells. */
export function may(permission) {
  return me.value?.permissions?.includes(permission) ?? true
}
