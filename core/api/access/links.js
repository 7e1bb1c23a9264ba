// The page behind a one-time link: sends what was typed to the address that the page has itself.
const form = document.querySelector('form')
const answer = document.querySelector('#answer')
const token = new URLSearchParams(location.search).get('token') ?? ''
const first = location.pathname.endsWith('/setup')
document.querySelector('#who').hidden = !first
history.replaceState(null, '', location.pathname) // The token stays out of the history.

form.addEventListener('submit', async event => {
  event.preventDefault()
  const { email, name, password } = Object.fromEntries(new FormData(form))
  const response = await fetch(location.pathname, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(first ? { token, email, name: name || null, password } : { token, password }),
  })
  const body = await response.json()
  answer.textContent = response.ok ? 'Saved. You can log in now.' : body.detail
  form.hidden = response.ok
})
