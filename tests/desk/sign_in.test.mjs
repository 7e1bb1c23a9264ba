// Where people log in: the desk asks who it is, says what is wrong in the API's words, and shows what the
// role sees.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { addUser, Person, setUp, totp } from '../e2e/people.mjs'
import { useServer } from '../e2e/lib.mjs'
import { assertAccessible, closeCleanly, useBrowser } from './desk.mjs'

const server = await useServer({ options: { 'auth.mode': 'keys' } })
const browser = await useBrowser()
const owner = await setUp(server)
const placed = await owner.place({ customer: { email: 'ana@example.org', fullName: 'Ana Souza' } })

async function logIn(page, email, password = 'correct horse battery') {
  await page.getByLabel('E-mail', { exact: true }).fill(email)
  await page.getByLabel('Password').fill(password)
  await page.keyboard.press('Enter')
}

test('a person logs in once, and out again; a wrong password is refused in the API\'s words', async () => {
  const page = await browser.open(`${server.url}/desk/`)
  await page.getByLabel('E-mail', { exact: true }).waitFor()
  await assertAccessible(page, 'sign-in')
  await logIn(page, 'owner@shop.example', 'not my password')
  await page.getByRole('alert').filter({ hasText: /password/i }).waitFor()
  await page.getByLabel('Password').fill('correct horse battery')
  await page.keyboard.press('Enter')
  await page.locator('tbody tr').first().waitFor()
  await page.getByText('owner@shop.example · owner').waitFor()
  await page.reload()
  await page.locator('tbody tr').first().waitFor()
  assert.equal(await page.getByLabel('Password').count(), 0)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('E-mail', { exact: true }).waitFor()
  await closeCleanly(page)
})

test('who has a second factor is asked for its code', async () => {
  await addUser(server, owner, 'two@shop.example', 'support')
  const person = new Person(server.url)
  await person.login('two@shop.example', 'correct horse battery')
  const begun = await person.post('/auth/totp', { password: 'correct horse battery' })
  assert.equal(begun.status, 200, begun.text)
  const confirmed = await person.post('/auth/totp/confirm', { code: totp(begun.body.secret) })
  assert.equal(confirmed.status, 200, confirmed.text)
  const page = await browser.open(`${server.url}/desk/orders/${placed.orderNumber}`)
  await logIn(page, 'two@shop.example')
  await page.getByLabel(/Code of your/).fill(totp(begun.body.secret, 1))
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: placed.orderNumber }).waitFor()
  await closeCleanly(page)
})

test('who sees a part works with that part', async () => {
  await addUser(server, owner, 'young@shop.example', 'junior')
  const page = await browser.open(`${server.url}/desk/orders`)
  await logIn(page, 'young@shop.example')
  await page.getByRole('link', { name: placed.orderNumber }).click()
  await page.getByRole('heading', { name: placed.orderNumber }).waitFor()
  await page.getByText('young@shop.example · junior').waitFor()
  await page.getByText(/Your role sees a part/).first().waitFor()
  await page.getByRole('button', { name: 'Ship' }).click({ force: true }) // greyed, and it tells why
  await page.getByRole('alert').filter({ hasText: 'shipments.manage' }).waitFor()
  await page.getByRole('alert').filter({ hasText: /fields of (every|the) class/ }).waitFor() // what happened is not shown as nothing
  const text = await page.locator('main').innerText()
  assert.ok(!text.includes('Souza') && !text.includes('€0.00'), text)
  await assertAccessible(page, 'an order that is seen in part')
  await closeCleanly(page)
})
