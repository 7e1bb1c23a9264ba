// Who looks at the desk: nobody in particular (mode open), or somebody who has logged in. A session is a
// cookie that no script sees, so links to documents have it as well.
import { signal } from '@preact/signals'

/** The sheet that asks who it is, while it is open: {detail, code}; with `code` a second factor is wanted. */
export const asking = signal(null)
/** What GET /api/me said. */
export const me = signal(null)

let logins = 0
let waiting = []

/** Changes with each login: a request that was refused before the last one is sent again. */
export const login = () => logins

/** Asks who it is, once for all who wait for it. `of`: the login() by which it was refused. */
export function signIn(detail, of) {
  if (of !== logins) return Promise.resolve()
  asking.value ??= { detail }
  return new Promise(resolve => waiting.push(resolve))
}

const post = (path, body) => fetch(path, {
  method: 'POST', headers: { 'content-type': 'application/json', 'x-requested-with': 'desk' }, body: JSON.stringify(body),
})

/** {email, password, totp}; what is wrong with it stands in the sheet. */
export async function logIn(given) {
  try {
    const response = await post('/auth/login', given)
    if (!response.ok) {
      const { detail, code } = await response.json()
      asking.value = { detail, code: code === 'totp_required' || (given.totp && asking.value.code) }
      return
    }
  } catch (error) {
    asking.value = { ...asking.value, detail: error.message }
    return
  }
  logins++
  asking.value = null
  for (const resolve of waiting.splice(0)) resolve()
}

export async function signOut() {
  await post('/auth/logout', {}).catch(() => {})
  location.assign('/desk/')
}

/** Whether the person may do that, as far as it is known: else the API's answer tells. */
export function may(permission) {
  return me.value?.permissions?.includes(permission) ?? true
}
