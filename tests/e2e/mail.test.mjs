// Mails to customers, by SMTP to a foreign server: what is in them, that each leaves once, and what happens when the server fails.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'

import { assertProblem, assertVerified, fullOrder, run, until, useServer, withServer } from './lib.mjs'
import { assertWellFormed, makeCertificate, smtpError, startSmtp } from './smtp.mjs'

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'orderd-mail-'))
after(() => fs.rmSync(dir, { recursive: true }))
const { ca, key, cert } = makeCertificate(dir)
const PASSWORD = 'pässword:1'

/** How the server answers the mails to an address, by its local part: a function of (n, mail, session). */
const answers = {}
const counts = {}
const attempts = []
let refuseCopies = false
const onData = async (mail, n, session) => {
  const [local] = mail.envelope.rcptTo[0].address.split('@')
  counts[local] = (counts[local] ?? 0) + 1
  attempts.push({ local, id: mail.id, raw: mail.raw, at: Date.now() })
  return answers[local]?.(counts[local], mail, session)
}
const main = await startSmtp({
  key, cert, on: { data: onData }, authMethods: ['PLAIN', 'LOGIN'], authOptional: false, size: 2_000_000,
  onAuth: ({ username, password }, session, done) =>
    username === 'shop' && password === PASSWORD ? done(null, { user: username }) : done(new Error('who?')),
  onRcptTo: ({ address }, session, done) => {
    if (address.startsWith('archive') && refuseCopies) return done(smtpError(550, '5.1.1 no archive'))
    if (address.startsWith('nobody')) return done(smtpError(550, '5.1.1 no such person'))
    if (address.startsWith('grey') && !(counts[address]++)) return done(smtpError(450, '4.2.0 come back'))
    done()
  },
})
const tls = await startSmtp({ key, cert, secure: true })
const plain = await startSmtp({ disabledCommands: ['STARTTLS', 'AUTH'] })
const slow = await startSmtp({ disabledCommands: ['STARTTLS', 'AUTH'], on: { data: () => new Promise(() => {}) } })
after(() => Promise.all([main, tls, plain, slow].map(s => s.close())))

const target = (name, port, more = '') => `
[target.${name}]
kind = mail
url = smtp://127.0.0.1:${port}/shop.example
from = Das Gästehaus <orders@shop.example>
timeout = 30s
${more}`

const HOOKS = `
oms.on("activity.added", function(event, order)
  local target = event.comment and event.comment:match("^mail to (%l+)$")
  if target then return oms.mail { to = order.customer_email, template = "order_confirmation", target = target, once = false } end
  if event.comment == "told twice" then
    return { oms.mail { to = order.customer_email, template = "order_confirmation", once = "told" } }
  end
  if event.comment == "tell the warehouse" then
    return {
      oms.mail { to = "one@warehouse.example", template = "order_shipped" },
      oms.mail { to = "two@warehouse.example", template = "order_shipped" },
    }
  end
  if event.comment == "with papers" then
    return oms.mail { to = order.customer_email, template = "papers", attach = { "invoice", "credit_memo" }, once = false }
  end
  if event.comment == "tell the operator" then
    return oms.notify { target = "mail", channel = "ops", text = "Zwölf Boxkämpfer\\n.\\nEnde", data = { order = order.order_number } }
  end
  if event.comment == "a broken mail" then
    return oms.mail { to = order.customer_email, template = "broken", once = false }
  end
  if event.comment == "a mail that there is none of" then
    return oms.mail { to = order.customer_email, template = "order_confirmatoin", once = false }
  end
end)`

const server = await useServer({
  options: { 'plugins.load': 'house', 'grant.house': 'mail, notify' },
  config: text => text + target('mail', main.port, `ca_file = ${ca}\nuser = shop\npassword = ${PASSWORD}\nreply_to = help@shop.example
bcc = archive@shop.example\noperator = The Operator <ops@shop.example>`) +
    target('tls', tls.port, `ca_file = ${ca}`).replace('smtp:', 'smtps:') + target('strange', tls.port).replace('smtp:', 'smtps:') +
    target('plain', plain.port, 'tls = none') + target('insecure', plain.port) +
    target('wrong', main.port, `ca_file = ${ca}\nuser = shop\npassword = guessed`) + target('slow', slow.port, 'tls = none').replace('30s', '1s') +
    '\n[shop]\nname = Das Gästehaus\nemail = help@shop.example\naddress = Kai 1 | 20457 Hamburg\nlanguage = fr\n',
  prepare: on => {
    on.writePlugin('house', HOOKS, { capabilities: ['mail', 'notify'] })
    const write = (name, text) => on.writePluginFile('house', `templates/mail/${name}`, text)
    write('order_confirmation.de.txt', 'Subject: Ihre Bestellung <%= order.order_number %> für <%= order.customer_full_name %>\n\nGrüße\n')
    write('order_confirmation.de.html', '<p>Grüße an <b><%= order.customer_full_name %></b></p>')
    write('order_confirmation.de-at.txt', 'Subject: Servus\n\nServus\n')
    write('papers.txt', 'Subject: Your papers\n\nAttached.\n')
    write('broken.txt', 'Subject: x\n\n<%= order.nothing %>\n')
  },
})

const customer = (local, more = {}) => ({ customer: { email: `${local}@example.org`, fullName: 'Åsa Öberg' }, ...more })
const place = (local, more) => server.place(customer(local, more))
const mailsTo = (local, at = main) => at.to(`${local}@example.org`)
const arrived = (local, count = 1, at = main) => until(() => mailsTo(local, at).length >= count && mailsTo(local, at),
  { what: `${count} mails to ${local}`, timeout: 60_000 })
const deliveries = async (order, query = '') => (await server.get(`/api/orders/${order.uuid}/deliveries${query}`)).body.items
const delivery = (order, check) => until(async () => {
  for (const d of await deliveries(order)) {
    const found = (await server.get(`/api/deliveries/${d.deliveryId}`)).body
    if (check(found)) return found
  }
}, { what: 'the delivery', timeout: 60_000 })
const say = (order, comment) => server.post(`/api/orders/${order.uuid}/activities`, { comment })
/** All that the feed has planned so far has been carried out, or has failed. */
const settled = order => until(async () => {
  const list = await deliveries(order)
  const { body } = await server.get(`/api/orders/${order.uuid}/events`)
  const last = body.items.at(-1)
  await say(order, `settle ${last.seq}`)
  return list.length && list.every(d => d.state !== 'queued')
}, { what: 'nothing is queued', timeout: 60_000, every: 200 })

test('a customer gets one confirmation, in both forms, with the headers that it must have', async () => {
  const order = await server.place(fullOrder({ customer: { email: 'ana@example.org', fullName: 'Ana "Ã" Souza' } }))
  const [mail] = await arrived('ana')
  assertWellFormed(mail)
  const { parsed } = mail
  assert.equal(parsed.subject, `Your order ${order.orderNumber}`)
  assert.deepEqual(parsed.from.value, [{ address: 'orders@shop.example', name: 'Das Gästehaus' }])
  assert.deepEqual(parsed.to.value, [{ address: 'ana@example.org', name: 'Ana "Ã" Souza' }])
  assert.deepEqual(parsed.replyTo.value, [{ address: 'help@shop.example', name: '' }])
  assert.match(mail.id, /^<[0-9a-f]{32}@shop\.example>$/)
  assert.match(mail.raw, /^Content-Type: multipart\/alternative;/m)
  for (const text of [parsed.text, parsed.html]) {
    for (const part of [order.orderNumber, 'Casaco de lã', 'EUR 162.23', 'Rua Augusta 1', 'Das Gästehaus', 'Ana "Ã" Souza'])
      assert.ok(text.replaceAll('&quot;', '"').includes(part), `${part} in ${text}`)
  }
  assert.deepEqual(mail.envelope.rcptTo.map(r => r.address), ['ana@example.org', 'archive@shop.example'])
  assert.equal(mail.envelope.mailFrom.address, 'orders@shop.example')
  assert.ok(!/bcc/i.test(mail.raw.split('\r\n\r\n')[0]))
  assert.equal(mail.user, 'shop')
  assert.ok(mail.secure, 'by STARTTLS')
})

test('however statuses go back and forth, nothing is told twice', async () => {
  const order = await place('pingpong')
  const status = paymentStatus => server.api('PATCH', `/api/orders/${order.uuid}`, { paymentStatus })
  for (let i = 0; i < 4; i++) {
    assert.equal((await status('paid')).status, 200)
    assert.equal((await status('pending')).status, 200)
  }
  await say(order, 'told twice')
  await say(order, 'told twice')
  await arrived('pingpong', 3)
  await settled(order)
  assert.deepEqual(mailsTo('pingpong').map(m => m.parsed.subject).sort(),
    [`Your order ${order.orderNumber}`, `Your order ${order.orderNumber}`, `Your payment for order ${order.orderNumber}`].sort())
  // And not when the rows of it have been cleared away.
  await server.sql("delete from delivery where order_id = $1", [order.orderId])
  await status('paid')
  await say(order, 'told twice')
  await say(order, 'mail to mail')
  await arrived('pingpong', 4)
  assert.equal(mailsTo('pingpong').length, 4)
})

test('each parcel is told of once, with its own link', async () => {
  const order = await place('parcels', { items: [{ sku: 'TEE-M', qty: 2, price: 10 }] })
  const items = [{ orderItemId: order.items[0].orderItemId, qty: 1 }]
  for (const n of [1, 2]) {
    const sent = await server.post(`/api/orders/${order.uuid}/shipments`,
      { items, carrier: 'DHL', trackingNumber: `T-${n}`, trackingUrl: `https://dhl.example/?n=T-${n}&x=1` })
    assert.equal(sent.status, 201, sent.text)
  }
  await arrived('parcels', 3)
  await settled(order)
  const shipped = mailsTo('parcels').filter(m => /on its way/.test(m.parsed.subject))
  assert.equal(shipped.length, 2)
  for (const [i, mail] of shipped.entries()) {
    assert.ok(mail.parsed.html.includes(`href="https://dhl.example/?n=T-${i + 1}&amp;x=1"`), mail.parsed.html)
    assert.ok(mail.parsed.text.includes(`https://dhl.example/?n=T-${i + 1}&x=1`))
    assert.ok(!mail.parsed.text.includes(`T-${2 - i}`))
    assert.equal(/The rest follows/.test(mail.parsed.text), i === 0, 'as the order was at the event')
  }
})

test('one mail to two people is two mails', async () => {
  const order = await place('warehouse')
  const both = count => until(() => main.to('one@warehouse.example').length === count && main.to('two@warehouse.example').length === count,
    { what: `both, ${count} times`, timeout: 30_000 })
  await say(order, 'tell the warehouse')
  await both(1)
  await say(order, 'tell the warehouse') // another comment is news
  await both(2)
  await settled(order)
  await both(2)
})

test('a mail is in the language of its order, else in the shop\'s, else in the one that there is', async () => {
  await place('german', { locale: 'de-DE' })
  await place('austrian', { locale: 'de_AT' })
  await place('klingon', { locale: 'tlh' })
  const [german] = await arrived('german')
  assertWellFormed(german)
  assert.match(german.parsed.subject, /^Ihre Bestellung \S+ für Åsa Öberg$/)
  assert.equal(german.parsed.text.trim(), 'Grüße')
  assert.match(german.parsed.html, /Grüße an <b>Åsa Öberg<\/b>/)
  assert.equal(german.parsed.headers.get('content-language'), 'de')
  const [austrian] = await arrived('austrian')
  assert.equal(austrian.parsed.subject, 'Servus')
  assert.equal(austrian.parsed.html, false)
  assert.match((await arrived('klingon'))[0].parsed.subject, /^Your order/)
})

test('nothing that a customer writes becomes a header, a recipient or a command', async () => {
  const evil = 'Eve\r\nBcc: evil@example.net\r\n\r\n.\r\nMAIL FROM:<evil@example.net>'
  const placed = await server.post('/api/orders', { items: [{ sku: 'TEE-M', qty: 1, price: 1 }], locale: 'de', customer: { email: 'eve@example.org', fullName: evil.replaceAll('\r', '') } })
  assert.equal(placed.status, 201, placed.text)
  const [mail] = await arrived('eve')
  assertWellFormed(mail)
  assert.deepEqual(mail.envelope.rcptTo.map(r => r.address), ['eve@example.org', 'archive@shop.example'])
  assert.equal(mail.parsed.to.value.length, 1)
  assert.equal(mail.parsed.to.value[0].address, 'eve@example.org')
  assert.equal(mail.parsed.bcc, undefined)
  assert.ok(!/^Bcc:/mi.test(mail.raw.split('\r\n\r\n')[0]))
  // What the API refuses today stands in the books of a shop that has imported it.
  for (const [i, email] of ['eve1@example.org\r\nRCPT TO:<evil@example.net>', 'eve2@example.org>,<evil@example.net', 'eve3@example.org, evil@example.net'].entries()) {
    const order = await place(`eve${i}`)
    await arrived(`eve${i}`)
    const asked = await server.post(`/api/orders/${order.uuid}/mails`, { template: 'order_confirmation', to: email })
    assert.equal(asked.status, 422, asked.text)
  }
  assert.equal(main.to('evil@example.net').length, 0)
})

test('4xx is tried again and is the same mail; 5xx is final and told at once', async () => {
  counts['grey@example.org'] = 0
  const grey = await place('grey')
  answers.later = n => n === 1 ? smtpError(451, '4.3.0 try again') : undefined
  const later = await place('later')
  answers.spam = () => smtpError(554, '5.7.1 looks like spam')
  const spam = await place('spam'), nobody = await place('nobody')

  for (const order of [spam, nobody]) {
    const { attempts: tried, error, tries } = await delivery(order, d => d.state === 'failed')
    assert.equal(tried, 1)
    assert.match(error, order === spam ? /to the mail it answered 554 5\.7\.1 looks like spam/ : /to RCPT it answered 550 5\.1\.1 no such person/)
    assert.equal(tries[0].status, order === spam ? 554 : 550)
  }
  await until(() => /delivery_failed target=mail .* given_up=yes reason="to the mail it answered 554/.test(server.log), { what: 'the log', timeout: 10_000 })
  await arrived('grey')
  await arrived('later')
  assert.equal((await delivery(grey, d => d.state === 'delivered')).tries.at(-1).status, 450)
  const tried = attempts.filter(a => a.local === 'later')
  assert.equal(tried.length, 2)
  assert.equal(tried[0].id, tried[1].id)
  assert.equal(tried[0].raw, tried[1].raw)
  assert.equal((await delivery(later, d => d.state === 'delivered')).attempts, 2)
})

test('a server that drops the connection after DATA gets the same mail once more', async () => {
  answers.dropped = n => {
    if (n > 1) return
    main.drop()
    return new Promise(() => {})
  }
  const order = await place('dropped')
  const [mail] = await arrived('dropped')
  const found = await delivery(order, d => d.state === 'delivered')
  assert.equal(found.attempts, 2)
  assert.equal(found.tries.at(-1).status, null)
  const tried = attempts.filter(a => a.local === 'dropped')
  assert.equal(tried.length, 2)
  assert.equal(tried[0].id, tried[1].id)
  assert.equal(tried[0].raw, mail.raw)
  assert.equal(mailsTo('dropped').length, 1)
})

test('TLS from the begin, none at all, and a certificate of nobody we trust', async () => {
  const order = await place('secure')
  await arrived('secure')
  for (const name of ['tls', 'plain', 'strange', 'insecure', 'wrong', 'slow']) await say(order, `mail to ${name}`)
  const [secure] = await arrived('secure', 1, tls)
  assert.ok(secure.secure)
  const [open] = await arrived('secure', 1, plain)
  assert.ok(!open.secure)
  const reasons = { strange: /certificate/i, insecure: /STARTTLS|TLS/, wrong: /denied|535/i, slow: /timed out|timeout/i }
  for (const [name, reason] of Object.entries(reasons)) {
    const found = await delivery(order, d => d.target === name && d.tries.length > 0)
    assert.equal(found.state, 'queued', name)
    assert.match(found.tries.at(-1).error, reason, name)
  }
  assert.equal(plain.mails.length, 1)
  assert.ok(!server.log.includes(PASSWORD) && !server.log.includes('guessed'))
})

test('a slow server delays nobody else, and connections are used again', async () => {
  const before = main.connections.size
  const count = 12
  for (let i = 0; i < count; i++) await place(`many${i}`)
  for (let i = 0; i < count; i++) await arrived(`many${i}`)
  assert.ok(main.connections.size - before < count, `${main.connections.size - before} connections for ${count} mails`)
})

test('documents are attached as they were issued', async () => {
  const order = await place('papers', { items: [{ sku: 'TEE-M', qty: 1, price: 10 }] })
  const invoice = await server.post(`/api/orders/${order.uuid}/invoices`)
  assert.equal(invoice.status, 201, invoice.text)
  await server.post(`/api/orders/${order.uuid}/payments`, { type: 'capture', amount: 10 })
  await say(order, 'with papers')
  const mail = await until(() => mailsTo('papers').find(m => m.parsed.subject === 'Your papers'), { what: 'the papers', timeout: 30_000 })
  assertWellFormed(mail)
  assert.equal(mail.parsed.attachments.length, 1)
  const [file] = mail.parsed.attachments
  assert.equal(file.filename, `invoice-${invoice.body.invoiceNumber}.html`)
  assert.equal(file.contentType, 'text/html')
  const printed = await server.get(`/api/orders/${order.uuid}/invoice`)
  assert.equal(file.content.toString('utf8'), printed.text)
  assert.match(server.log, /mail_without_document .*document=credit_memo/)
})

test('a mail that cannot be printed fails by itself, and says where', async () => {
  const order = await place('broken')
  await say(order, 'a broken mail')
  await say(order, 'a mail that there is none of')
  const broken = await delivery(order, d => d.name === 'broken')
  assert.equal(broken.state, 'failed')
  assert.match(broken.error, /^house\/templates\/mail\/broken\.txt:3: .*nothing/)
  const none = await delivery(order, d => d.name === 'order_confirmatoin')
  assert.match(none.error, /no plugin of these rules has templates\/mail\/order_confirmatoin\.txt/)
  await arrived('broken')
})

test('a copy that is refused costs the customer nothing', async () => {
  refuseCopies = true
  await place('nocopy')
  const [mail] = await arrived('nocopy')
  refuseCopies = false
  assert.deepEqual(mail.envelope.rcptTo.map(r => r.address), ['nocopy@example.org'])
  await until(() => /mail_without_copy target=mail/.test(server.log), { what: 'the log', timeout: 10_000 })
})

test('a person can look at a mail, and send it again', async () => {
  const order = await server.place(fullOrder({ customer: { email: 'again@example.org', fullName: 'Åsa <Öberg>' } }))
  const [first] = await arrived('again')
  const list = await server.get('/api/mails')
  assert.equal(list.body.target, 'mail')
  for (const name of ['order_confirmation', 'order_shipped', 'papers']) assert.ok(list.body.templates.includes(name), name)
  assert.ok(!list.body.templates.includes('foot'))

  const preview = await server.get(`/api/orders/${order.uuid}/mails/order_confirmation`)
  assert.equal(preview.status, 200, preview.text)
  const { text, html, ...rest } = preview.body
  assert.deepEqual(rest, { template: 'order_confirmation', target: 'mail', to: 'again@example.org', language: null, subject: `Your order ${order.orderNumber}` })
  assert.equal(html.replaceAll('\n', '\r\n').trim(), Buffer.from(first.parsed.html).toString().replaceAll('\r\n', '\n').replaceAll('\n', '\r\n').trim())
  const page = await server.get(`/api/orders/${order.uuid}/mails/order_confirmation?format=html&language=de`)
  assert.match(page.headers['content-type'], /^text\/html/)
  assert.match(page.headers['content-security-policy'], /default-src 'none'/)
  assert.equal(page.text, '<p>Grüße an <b>Åsa &lt;Öberg&gt;</b></p>')
  assert.match((await server.get(`/api/orders/${order.uuid}/mails/order_confirmation?format=text`)).text, /Hello Åsa <Öberg>,/)
  assertProblem(await server.get(`/api/orders/${order.uuid}/mails/order_confirmatoin`), 404, { code: 'mail_not_found' })
  assertProblem(await server.get(`/api/orders/${order.uuid}/mails/broken`), 500, { code: 'template_failed' })
  assertProblem(await server.get(`/api/orders/${order.uuid}/mails/order_confirmation?format=pdf`), 422, { code: 'bad_query' })

  const headers = { 'idempotency-key': 'once-more' }
  for (let i = 0; i < 2; i++) {
    const sent = await server.post(`/api/orders/${order.uuid}/mails`, { template: 'order_confirmation' }, headers)
    assert.equal(sent.status, 201, sent.text)
    assert.deepEqual(sent.body.mail, { template: 'order_confirmation', target: 'mail' })
    assert.equal(sent.body.customerNotified, true)
    assert.equal(sent.headers['idempotency-replayed'], i ? 'true' : undefined)
  }
  const mails = await arrived('again', 2)
  assert.notEqual(mails[0].id, mails[1].id)
  assert.equal(mails[0].parsed.html, mails[1].parsed.html)
  const { activities } = await server.client.order(order.uuid)
  assert.deepEqual(activities.map(a => [a.comment, a.customerNotified]), [['Mail order_confirmation', true]])

  const other = await server.post(`/api/orders/${order.uuid}/mails`, { template: 'order_confirmation', to: 'lawyer@example.net', language: 'de' })
  assert.equal(other.body.customerNotified, false)
  const [copy] = await until(() => main.to('lawyer@example.net').length && main.to('lawyer@example.net'), { what: 'the other', timeout: 30_000 })
  assert.match(copy.parsed.subject, /^Ihre Bestellung/)
  assert.deepEqual(copy.parsed.to.value, [{ address: 'lawyer@example.net', name: '' }])

  const send = body => server.post(`/api/orders/${order.uuid}/mails`, body)
  assertProblem(await send({ template: 'order_confirmatoin' }), 422, { code: 'unknown_template' })
  const asked = await server.post('/graphql', { query: `mutation { sendMail(order: "${order.uuid}", template: "order_confirmatoin") { userErrors { code } } }` })
  assert.deepEqual(asked.body.data, { sendMail: { userErrors: [{ code: 'unknown_template' }] } })
  const line = JSON.stringify({ command: 'mails', order: order.orderNumber, template: 'order_confirmatoin' })
  const batch = await fetch(`${server.url}/api/batch`, { method: 'POST', body: line, headers: { 'content-type': 'application/x-ndjson' } })
  const answered = JSON.parse(await batch.text())
  assert.deepEqual([answered.status, answered.problem?.code], [422, 'unknown_template'], JSON.stringify(answered))
  assertProblem(await send({ template: 'order_shipped', shipmentId: 1 }), 404, { code: 'shipment_not_found' })
  assertProblem(await send({}), 422, { pointer: '/template' })
  assertProblem(await send({ template: 'papers', attach: ['passport'] }), 422, { pointer: '/attach' })
  const nobody = await server.place()
  assertProblem(await server.post(`/api/orders/${nobody.uuid}/mails`, { template: 'order_confirmation' }), 409, { code: 'no_recipient' })
  const dry = await server.post(`/api/orders/${order.uuid}/mails?dryRun=true`, { template: 'order_confirmation' })
  assert.equal(dry.status, 200, dry.text)
  await settled(order)
  assert.equal(mailsTo('again').length, 2)
})

test('the command line shows a mail by the files as they are', async () => {
  const order = await place('preview', { locale: 'de' })
  const show = (...args) => run(server.orderd, ['mail', ...args, ...server.flags()])
  const text = await show('preview', 'order_confirmation', order.orderNumber)
  assert.equal(text.code, 0, text.stderr)
  assert.equal(text.stdout, `Subject: Ihre Bestellung ${order.orderNumber} für Åsa Öberg\n\nGrüße\n`)
  assert.match((await show('preview', 'order_confirmation', order.uuid, '--html', '--language', 'en')).stdout, /^<!DOCTYPE html>/)
  const signed = ['preview', 'order_confirmation', order.uuid, '--language', 'en']
  assert.match((await show(...signed)).stdout, /\n\n-- \nDas Gästehaus\nKai 1\n20457 Hamburg\nhelp@shop\.example\n$/)
  assert.match((await run(server.orderd, ['mail', ...signed, ...server.flags(), ...['name', 'email', 'address'].flatMap(key => ['-o', `shop.${key}=`])])).stdout, /on its way\.\n$/)
  server.writePluginFile('house', 'templates/mail/order_confirmation.de.txt', 'Subject: Neu\n\nNoch nicht geladen\n')
  const edited = JSON.parse((await show('preview', 'order_confirmation', order.uuid, '--json')).stdout)
  assert.deepEqual([edited.subject, edited.text, edited.language], ['Neu', 'Noch nicht geladen\n', 'de'])
  for (const [args, why] of [
    [['preview', 'papers', order.uuid, '--html'], /no HTML/], [['preview', 'papers', 'ORD-0'], /no order "ORD-0"/],
    [['preview', 'paperz', order.uuid], /templates\/mail\/paperz\.txt/],
  ]) {
    const failed = await show(...args)
    assert.equal(failed.code, 1)
    assert.match(failed.stderr, why)
  }
  assert.equal((await show('preview')).code, 2)
})

test('a test and a notice go to the operator', async () => {
  assert.equal((await server.post('/api/targets/mail/test', {})).status, 202)
  const [mail] = await until(() => main.to('ops@shop.example').length && main.to('ops@shop.example'), { what: 'the test', timeout: 30_000 })
  assertWellFormed(mail)
  assert.equal(mail.parsed.to.value[0].name, 'The Operator')
  assert.match(mail.parsed.text, /a test/)
  const order = await place('ops')
  await say(order, 'tell the operator')
  const notice = await until(() => main.to('ops@shop.example')[1], { what: 'the notice', timeout: 30_000 })
  assertWellFormed(notice)
  assert.equal(notice.parsed.subject, `orderd: activity.added, order ${order.orderId}`)
  assert.equal(notice.parsed.text.trim(), `Zwölf Boxkämpfer\n.\nEnde\n\n{"order":"${order.orderNumber}"}`)
  assert.deepEqual(notice.envelope.rcptTo.map(r => r.address), ['ops@shop.example'])
})

test('the operator gets a mail when a target is disabled, with what to do', async () => {
  const nobody = net.createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => nobody.once('listening', resolve))
  const { port } = nobody.address()
  await new Promise(resolve => nobody.close(resolve)) // nobody listens there any more
  await withServer({
    options: { 'feed.operator_target': 'post' },
    config: text => text + target('post', plain.port, 'tls = none\noperator = Nightshift <night@shop.example>') +
      `\n[target.ill]\nkind = webhook\nurl = http://127.0.0.1:${port}/\nallow_private = yes\nevents = order.placed\ndisable_after = 1s\n`,
  }, async on => {
    await on.place()
    const [mail] = await until(() => plain.to('night@shop.example').length && plain.to('night@shop.example'), { what: 'the mail to the operator', timeout: 120_000 })
    assertWellFormed(mail)
    assert.equal(mail.parsed.to.value[0].name, 'Nightshift')
    assert.match(mail.parsed.subject, /target ill is disabled/)
    assert.match(mail.parsed.text, /every attempt has failed for/)
    assert.match(mail.parsed.text, /orderd deliveries resume/)
    assert.equal((await on.get('/api/targets/ill')).body.state, 'disabled')
  })
  assert.equal(plain.to('night@shop.example').length, 1)
})

test('the books agree', () => assertVerified(server))

test('a mail server that answers no QUIT does not keep orderd from ending', async () => {
  let taken = 0, quits = 0
  const silent = net.createServer(socket => {
    let rest = '', body = false
    socket.on('error', () => {}).on('data', chunk => {
      rest += chunk
      for (let end; (end = rest.indexOf(body ? '\r\n.\r\n' : '\r\n')) >= 0;) {
        const line = rest.slice(0, end)
        rest = rest.slice(end + (body ? 5 : 2))
        if (line === 'QUIT') { quits++; continue }
        if (body) taken++
        body = line === 'DATA'
        socket.write(body ? '354 go on\r\n' : '250 yes\r\n')
      }
    }).write('220 here\r\n')
  })
  await new Promise(resolve => silent.listen(0, '127.0.0.1', resolve))
  try {
    await withServer({ config: text => text + target('silent', silent.address().port, 'tls = none') }, async on => {
      await Promise.all([1, 2, 3, 4].map(i => on.place(customer(`quit${i}`))))
      await until(() => taken >= 4, { what: 'the mails', timeout: 60_000 })
      let stopped = false
      const stopping = on.stop().then(() => { stopped = true })
      // drain_timeout and 5 s, as the configuration promises.
      await until(() => stopped, { what: 'the end', timeout: 15_000 })
      await stopping
      assert.ok(quits > 0)
    })
  } finally {
    silent.close()
  }
})

test('without a target for mails they go to the file, and the answer says so', async () => {
  await withServer({}, async bare => {
    const order = await bare.place(customer('file'))
    const preview = await bare.get(`/api/orders/${order.uuid}/mails/order_confirmation`)
    assert.equal(preview.body.target, 'log')
    const sent = await bare.post(`/api/orders/${order.uuid}/mails`, { template: 'order_confirmation', data: { why: 'lost' } })
    assert.deepEqual(sent.body.mail, { template: 'order_confirmation', target: 'log' })
    const lines = await until(() => {
      const file = path.join(bare.dataDir, 'notifications.log')
      const found = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim().split('\n').map(l => JSON.parse(l)) : []
      return found.length >= 2 && found
    }, { what: 'two lines', timeout: 60_000 })
    assert.deepEqual(lines.map(l => [l.kind, l.target, l.name, l.topic]), [
      ['mail', 'file@example.org', 'order_confirmation', 'order.placed'],
      ['mail', 'file@example.org', 'order_confirmation', 'mail.asked'],
    ])
    assert.deepEqual(lines[1].payload, { template: 'order_confirmation', data: { why: 'lost' } })
  })
})
