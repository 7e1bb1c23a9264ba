// Invoices, packing slips and credit memos as people get them: HTML over HTTP, printed by a real
// browser, from templates that a plugin replaces.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

import { browse } from './browser.mjs'
import { ADDRESS, assertProblem, assertVerified, fullOrder, makeHome, order, run, useServer } from './lib.mjs'

const LOGO = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20"/></svg>'

const shop = dir => `
[shop]
name = Clay & Linen
address = Quay Street 1 | Galway | Ireland
tax_id = IE1234567T
bank = IBAN IE12 BOFI 9000 0112 3456 78
logo = ${path.join(dir, 'logo.svg')}

[store.tokyo]
name = Tsuchi
logo =
`
const server = await useServer({
  options: { 'plugins.load': 'paper' },
  prepare: on => {
    fs.writeFileSync(path.join(on.dir, 'logo.svg'), LOGO)
    on.editConfig(text => text + shop(on.dir))
    on.writePlugin('paper', 'function shout(text) return text:upper() end\n')
  },
})

async function created(answer) {
  const { status, body, text } = await answer
  assert.equal(status, 201, text)
  return body
}

const invoiced = async body => {
  const { uuid } = await server.place(body)
  return { uuid, invoice: await created(server.post(`/api/orders/${uuid}/invoices`)) }
}

async function page(url, on = server) {
  const answer = await on.get(url)
  assert.equal(answer.status, 200, answer.text)
  assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8')
  return answer
}

async function reload(on = server) {
  const answer = await on.post('/admin/reload')
  assert.equal(answer.status, 200, answer.text)
  return answer.body.bundle
}

/** The pages that a browser prints, as text. */
async function printed(url) {
  const dir = makeHome()
  try {
    const pdf = path.join(dir, 'out.pdf')
    await browse(url, ['--no-pdf-header-footer', `--print-to-pdf=${pdf}`])
    const { code, stdout, stderr } = await run('pdftotext', ['-layout', pdf, '-'])
    assert.equal(code, 0, stderr)
    return stdout.split('\f').slice(0, -1)
  } finally {
    fs.rmSync(dir, { recursive: true, force: true })
  }
}

test('an order without the document says what to do', async () => {
  const { uuid } = await server.place()
  const get = what => server.get(`/api/orders/${uuid}/${what}`)
  assertProblem(await get('invoice'), 404, { code: 'no_invoice', detail: /POST .*\/invoices/ })
  assertProblem(await get('packing-slip'), 404, { code: 'no_shipment' })
  assertProblem(await get('credit-memo'), 404, { code: 'no_refund' })
  assertProblem(await get('invoice?invoiceId=x'), 422, { code: 'bad_query' })
  assertProblem(await get('invoice?shipmentId=1'), 422, { code: 'unknown_parameter' })
  assertProblem(await server.get('/api/orders/999999999/invoice'), 404, { code: 'order_not_found' })
  await created(server.post(`/api/orders/${uuid}/invoices`))
  assertProblem(await get('invoice?invoiceId=2'), 404, { code: 'invoice_not_found' })
})

test('an invoice shows who sells, who buys, the lines, the taxes and the total', async () => {
  const { uuid, invoice } = await invoiced(fullOrder())
  const { text, headers } = await page(`/api/orders/${uuid}/invoice`)
  for (const part of [invoice.invoiceNumber, 'Clay &amp; Linen', 'Quay Street 1', 'IE1234567T', 'Ana Souza',
    'Avenida da Liberdade 2', 'Casaco de lã', 'size: M', 'engraving: A.S.', 'Discount -10.00', '21%',
    '129.98', '27.30', '157.28', '4.95', 'EUR 162.23', 'Card', 'data:image/svg+xml;base64,']) {
    assert.ok(text.includes(part), `${part} is not in ${text}`)
  }
  assert.match(headers['content-security-policy'], /default-src 'none'/)
  assert.doesNotMatch(headers['content-security-policy'], /script-src|https?:/)
  assert.equal(headers['content-disposition'], `inline; filename="invoice-${invoice.invoiceNumber}.html"`)
})

test('a store has a letterhead of its own', async () => {
  const { uuid } = await invoiced(order({ store: 'tokyo' }))
  const { text } = await page(`/api/orders/${uuid}/invoice`)
  assert.match(text, /<strong>Tsuchi<\/strong>/)
  assert.doesNotMatch(text, /data:image/)
})

test('a document shows the order as it was issued, byte for byte, whatever happens later', async () => {
  const { uuid } = await server.place(fullOrder())
  const partly = await server.post(`/api/orders/${uuid}/cancel`,
    { reason: 'one shirt is enough', items: [{ orderItemId: 1, qty: 1 }] })
  assert.equal(partly.status, 200, partly.text)
  await created(server.post(`/api/orders/${uuid}/invoices`))
  const before = (await page(`/api/orders/${uuid}/invoice`)).text
  assert.match(before, /EUR 138\.04/) // 162.23 less one of two shirts at 24.19 each
  assert.match(before, /<td>1<\/td>\s*<td>19\.99<\/td>/)

  await created(server.post(`/api/orders/${uuid}/payments`, { type: 'capture', amount: 138.04, method: 'card' }))
  await created(server.post(`/api/orders/${uuid}/shipments`, { carrier: 'Post' }))
  const patched = await server.api('PATCH', `/api/orders/${uuid}`, { billingAddress: { ...ADDRESS, fullName: 'Nobody' } })
  assert.equal(patched.status, 200, patched.text)
  assert.equal((await page(`/api/orders/${uuid}/invoice?invoiceId=1`)).text, before)
})

test('what is invoiced and no longer owed is credited, with a number of its own', async () => {
  const { uuid, invoice } = await invoiced(fullOrder())
  const credit = () => server.post(`/api/orders/${uuid}/invoices/credit`)
  assertProblem(await credit(), 409, { code: 'nothing_to_credit' })
  const partly = await server.post(`/api/orders/${uuid}/cancel`, { items: [{ orderItemId: 1, qty: 1 }] })
  assert.equal(partly.status, 200, partly.text)
  const part = await created(credit())
  assert.deepEqual([part.invoiceId, part.amount], [2, -24.19])
  assert.match(part.invoiceNumber, /^CM-/)
  const paper = await page(`/api/orders/${uuid}/invoice?invoiceId=2`)
  for (const text of ['<h1>Credit memo</h1>', part.invoiceNumber, invoice.invoiceNumber, '>-24.19<', 'EUR 138.04'])
    assert.ok(paper.text.includes(text), `${text} is not in ${paper.text}`)
  assert.equal(paper.headers['content-disposition'], `inline; filename="credit_memo-${part.invoiceNumber}.html"`)

  assert.equal((await server.post(`/api/orders/${uuid}/cancel`)).status, 200)
  const dryRun = await server.post(`/api/orders/${uuid}/invoices/credit?dryRun=true`)
  assert.equal(dryRun.body.amount, -138.04, dryRun.text)
  const rest = await created(credit())
  assert.equal(rest.amount, -138.04)
  const { invoices } = await server.client.order(uuid)
  assert.equal(Math.round(100 * invoices.reduce((sum, each) => sum + each.amount, 0)), 0)
  await assertVerified(server)
})

test('a credit memo shows what goes back, and what is goodwill', async () => {
  const { uuid } = await server.place(fullOrder())
  await created(server.post(`/api/orders/${uuid}/payments`, { type: 'capture', amount: 162.23, method: 'card' }))
  const refund = await created(server.post(`/api/orders/${uuid}/refunds`,
    { amount: 35, items: [{ orderItemId: 1, qty: 1 }], shipping: true, reason: 'A seam came <off>' }))
  const { text, headers } = await page(`/api/orders/${uuid}/credit-memo?refundId=${refund.refundId}`)
  for (const part of [refund.creditMemoNumber, 'T-shirt', '24.19', 'Goodwill', '5.86', 'EUR 35.00',
    'A seam came &lt;off&gt;']) {
    assert.ok(text.includes(part), `${part} is not in ${text}`)
  }
  assert.doesNotMatch(text, /Casaco/)
  assert.match(headers['content-disposition'], /filename="credit_memo-/)
})

test('a packing slip lists one parcel, without prices', async () => {
  const { uuid } = await server.place(fullOrder())
  const ship = body => created(server.post(`/api/orders/${uuid}/shipments`, body))
  await ship({ carrier: 'Post', items: [{ orderItemId: 1, qty: 2 }] })
  await ship({ carrier: 'DHL', trackingNumber: '0034', items: [{ orderItemId: 2, qty: 1 }] })
  const first = (await page(`/api/orders/${uuid}/packing-slip?shipmentId=1`)).text
  const last = (await page(`/api/orders/${uuid}/packing-slip`)).text
  assert.match(first, /T-shirt/)
  assert.doesNotMatch(first, /Casaco/)
  assert.match(first, /<td>0\.4<\/td>/) // two of 0.2
  for (const part of ['Casaco de lã', '0034', 'DHL', 'Rua Augusta 1', 'Ring twice', '1.25']) assert.ok(last.includes(part), part)
  assert.doesNotMatch(first + last, /19\.99|162\.23|EUR/)
})

test('a browser prints it: every page has the head of the table, and the last one the total', async () => {
  const items = Array.from({ length: 60 }, (_, i) => (
    { sku: `SKU-${i + 1}`, name: i === 0 ? '手作りの湯のみ' : `Line number ${i + 1}`, qty: 2, price: 10, taxPercent: 20, taxAmount: 4 }))
  const { uuid, invoice } = await invoiced(fullOrder({ items, subTotal: undefined, discountAmount: undefined, coupon: undefined,
    taxAmount: undefined, shippingFeeExclTax: 5, shippingFeeInclTax: 6, grandTotal: 1446 }))
  const pages = await printed(`${server.url}/api/orders/${uuid}/invoice`)
  assert.ok(pages.length >= 3, `${pages.length} pages`)
  for (const text of pages.slice(0, -1)) assert.match(text, /Item +Quantity +Unit price +Net +Tax +Amount/)
  assert.match(pages[0], new RegExp(invoice.invoiceNumber))
  assert.match(pages.at(-1), /EUR 1,446\.00/)
  assert.match(pages.at(-1), /20% +1,200\.00 +240\.00 +1,440\.00/)
  assert.match(pages.join(''), /Line number 60/)
  assert.match(pages[1], new RegExp(`2 ?/ ?${pages.length}`))
})

test('the foot is never alone on the last page, however many lines there are', async () => {
  for (const count of [18, 19, 20, 21, 22, 44, 45, 46, 47]) {
    const items = Array.from({ length: count }, (_, i) => ({ sku: `SKU-${i + 1}`, name: `Line number ${i + 1}`, qty: 1, price: 10 }))
    const { uuid } = await invoiced(order({ items }))
    await created(server.post(`/api/orders/${uuid}/shipments`, {}))
    const invoice = (await printed(`${server.url}/api/orders/${uuid}/invoice`)).at(-1)
    for (const part of [`SKU-${count}`, 'Balance due', 'IE1234567T', 'BOFI']) assert.ok(invoice.includes(part), `${count} lines: ${invoice}`)
    const slip = (await printed(`${server.url}/api/orders/${uuid}/packing-slip`)).at(-1)
    for (const part of ['Units', 'IE1234567T']) assert.ok(slip.includes(part), `${count} lines: ${slip}`)
  }
})

test('what customers and staff wrote is text and nothing else', async () => {
  const evil = `<script>document.title='owned'</script><img src=x onerror="document.title='owned'">"'\`&`
  const address = Object.fromEntries(Object.keys(ADDRESS).map(key => [key, key === 'country' ? 'PT' : evil]))
  const { uuid } = await invoiced(fullOrder({
    customer: { fullName: evil }, shippingAddress: address, billingAddress: address, coupon: 'x', paymentMethodName: evil,
    shippingMethodName: evil,
    items: [{ sku: '"><b>', name: evil, qty: 1, price: 1, variantOptions: { [evil]: evil }, productCustomOptions: [{ name: evil, value: evil }] }],
    subTotal: undefined, discountAmount: undefined, taxAmount: undefined, grandTotal: undefined,
  }))
  const dom = await browse(`${server.url}/api/orders/${uuid}/invoice`, ['--dump-dom'])
  assert.match(dom, /<title>Invoice /)
  assert.doesNotMatch(dom, /<script|<img src="x"|<b>/)
  assert.ok(dom.includes('&lt;script&gt;document.title'), dom)
})

test('a replaced template is live after a reload; what runs in it is stopped by the browser', async () => {
  const { uuid, invoice } = await invoiced()
  const bundle = await reload()
  const before = (await page(`/api/orders/${uuid}/invoice`)).text
  server.writePluginFile('paper', 'templates/invoice.html',
    '<!DOCTYPE html>\n<title>mine</title><p><%= shout("rechnung") %> <%= document.number %></p>\n'
    + '<script>document.title = "owned"</script>\n')
  await reload()
  assert.match((await page(`/api/orders/${uuid}/invoice`)).text, new RegExp(`RECHNUNG ${invoice.invoiceNumber}`))
  assert.match(await browse(`${server.url}/api/orders/${uuid}/invoice`, ['--dump-dom']), /<title>mine</)
  const listed = await server.run(['plugin', 'list'])
  assert.match(listed.stdout, /template +invoice +paper\/templates\/invoice\.html:1 +chosen/, listed.stderr)
  assert.match((await server.run(['bundle', 'show'], [bundle])).stdout, /templates\/invoice\.html/)

  // The bundle before comes back with its templates, also where the files are gone.
  assert.equal((await server.post(`/admin/bundles/${bundle}/activate`)).status, 200)
  assert.equal((await page(`/api/orders/${uuid}/invoice`)).text, before)
  server.removePluginFile('paper', 'templates/invoice.html')
  await reload()
})

test('a template that does not compile refuses the reload with file and line', async () => {
  const { uuid } = await invoiced()
  const refused = async (text, detail) => {
    server.writePluginFile('paper', 'templates/invoice.html', text)
    const answer = await server.post('/admin/reload')
    assert.notEqual(answer.status, 200, answer.text)
    assert.match(answer.text, detail)
    await page(`/api/orders/${uuid}/invoice`)
  }
  await refused('<p>\n<% if order then %>\n<p>\n', /paper\/templates\/invoice\.html:4: /)
  await refused('<p>\n<a href=<%= order.uuid %>>\n', /paper\/templates\/invoice\.html:2: .*without quotes/)
  await refused('<p>\n\n<% include("fuss") %>\n', /paper\/templates\/invoice\.html:3: there is no template 'fuss'/)
  server.removePluginFile('paper', 'templates/invoice.html')
  await reload()
})

test('a template that fails tells staff where', async () => {
  const { uuid } = await invoiced()
  server.writePluginFile('paper', 'templates/invoice.html', '<p>\n\n<%= order.grand_totl %>\n')
  await reload()
  assertProblem(await server.get(`/api/orders/${uuid}/invoice`), 500,
    { code: 'template_failed', detail: /^paper\/templates\/invoice\.html:3: .*did you mean 'grand_total'/ })
  server.writePluginFile('paper', 'templates/invoice.html', '<% while true do %>x<% end %>')
  await reload()
  assertProblem(await server.get(`/api/orders/${uuid}/invoice`), 500, { code: 'template_failed', detail: /budget/ })
  server.removePluginFile('paper', 'templates/invoice.html')
  await reload()
  await page(`/api/orders/${uuid}/invoice`)
})
