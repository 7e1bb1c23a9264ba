// A mail server of somebody else's making (smtp-server), whose mails somebody else reads (mailparser).
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

import { simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

/** A CA of its own, and a certificate of it for 127.0.0.1: {ca: the file, key, cert}. */
export function makeCertificate(dir) {
  const file = name => path.join(dir, name)
  const openssl = (...args) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' })
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=Test CA',
    '-keyout', 'ca.key', '-out', 'ca.pem')
  openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=127.0.0.1',
    '-keyout', 'mail.key', '-out', 'mail.csr')
  fs.writeFileSync(file('mail.ext'), 'subjectAltName=IP:127.0.0.1\n')
  openssl('x509', '-req', '-in', 'mail.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'mail.ext',
    '-out', 'mail.pem')
  return { ca: file('ca.pem'), key: fs.readFileSync(file('mail.key')), cert: fs.readFileSync(file('mail.pem')) }
}

/**
 * A server on a free port of 127.0.0.1. `mails` are those it has taken: {id, parsed, raw, envelope, secure, user, session}. The handlers of
 * smtp-server may be given; `on.data(mail, n)` may return an Error to answer with, or a promise.
 */
export async function startSmtp({ on = {}, ...options } = {}) {
  const mails = [], connections = new Set(), sockets = new Set()
  let seen = 0
  const server = new SMTPServer({
    logger: false, authOptional: true, disableReverseLookup: true, closeTimeout: 200,
    onConnect: (session, done) => { connections.add(session.id); done() },
    onData: async (stream, session, done) => {
      const chunks = []
      for await (const chunk of stream) chunks.push(chunk)
      const raw = Buffer.concat(chunks).toString('latin1')
      const parsed = await simpleParser(Buffer.concat(chunks))
      const mail = { parsed, raw, id: parsed.messageId, envelope: structuredClone(session.envelope), secure: session.secure, user: session.user, session: session.id }
      try {
        const error = await on.data?.(mail, ++seen, session)
        if (error) return done(error)
      } catch (error) {
        return done(error)
      }
      mails.push(mail)
      done(null, 'taken')
    },
    ...options,
  })
  server.on('error', () => {}) // of a connection that breaks: the tests break them
  await new Promise((resolve, reject) => server.listen(0, '127.0.0.1', error => error ? reject(error) : resolve()))
  server.server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const { port } = server.server.address()
  return {
    port, mails, connections,
    to: address => mails.filter(m => m.envelope.rcptTo.some(r => r.address === address)),
    drop: () => sockets.forEach(socket => socket.destroy()),
    close: () => new Promise(resolve => server.close(resolve)),
  }
}

export function smtpError(code, text) {
  return Object.assign(new Error(text), { responseCode: code })
}

/** Whatever a mail says, its lines and headers are as they must be. */
export function assertWellFormed({ raw, parsed }) {
  for (const line of raw.split('\r\n')) {
    assert.ok(line.length <= 78, `a line of ${line.length} bytes: ${line}`)
    assert.match(line, /^[\t\x20-\x7e]*$/)
  }
  const names = [...raw.split('\r\n\r\n')[0].matchAll(/^([A-Za-z-]+):/gm)].map(m => m[1].toLowerCase())
  assert.deepEqual(names.filter((n, i) => names.indexOf(n) !== i), [], 'each header once')
  for (const name of ['date', 'from', 'to', 'subject', 'message-id', 'mime-version', 'auto-submitted']) assert.ok(names.includes(name), name)
  assert.equal(parsed.headers.get('auto-submitted'), 'auto-generated')
}
