// A private orderd for one test file: its own temporary home, cluster, configuration and plugins,
// removed afterwards whatever happened. Nothing here sleeps to wait: every wait has a condition and a
// deadline.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { after } from 'node:test'

import { Client, HANG_MS } from './client.mjs'

export * from './client.mjs'

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

const LOG_BYTES = 256 * 1024

export function findOrderd() {
  const candidates = [process.env.ORDERD, 'build/asan/orderd', 'build/release/orderd']
  const found = candidates.filter(Boolean).map(c => path.resolve(ROOT, c)).find(c => fs.existsSync(c))
  if (!found) throw new Error('orderd is not built: run tools/test, or set ORDERD to the binary')
  return found
}

/** Calls `check` until it returns something truthy, which is returned. */
export async function until(check, { what = 'the condition', timeout = HANG_MS, every = 20 } = {}) {
  const deadline = Date.now() + timeout
  for (let last; ;) {
    try {
      const value = await check()
      if (value) return value
    } catch (error) {
      last = error
    }
    if (Date.now() > deadline) {
      throw new Error(`${what} did not come about in ${timeout} ms`, { cause: last })
    }
    await new Promise(resolve => setTimeout(resolve, every))
  }
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0)
    // A zombie whose parent has not waited for it yet answers signals as well.
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** The processes whose parent is `pid`. */
export function childrenOf(pid) {
  return fs.readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(Number).filter(child => {
    try {
      return Number(/^PPid:\s+(\d+)$/m.exec(fs.readFileSync(`/proc/${child}/status`, 'utf8'))[1]) === pid
    } catch {
      return false // It has gone meanwhile.
    }
  })
}

// What is still running or on disk when the process ends, also by an error or a signal.
const homes = new Set()
process.on('exit', () => homes.forEach(home => home.disposeNow()))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))

// The same when it is killed. The watchdog is no child of ours, or it would be killed with us.
let watchdog
function watch(dir) {
  if (!watchdog) {
    const script = path.join(ROOT, 'tests/e2e/watchdog.sh')
    const child = spawn('setsid', ['--fork', 'sh', script], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
    child.on('error', () => {}).unref()
    watchdog = child.stdio[3] // Node closes stdin when setsid has forked and ended.
    watchdog.on('error', () => {}).unref()
  }
  watchdog.write(`${dir}\n`)
}

/** A temporary directory that the postgres user may pass through. */
export function makeHome() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'orderd-test-'))
  fs.chmodSync(dir, 0o755)
  watch(dir)
  return dir
}

export class Server {
  /**
   * options: section.key → value, passed as -o. config: text → text, edits the copy of
   * conf/orderd.ini that this server reads.
   */
  constructor({ options = {}, config = text => text, orderd = findOrderd() } = {}) {
    this.orderd = orderd
    this.dir = makeHome()
    this.dataDir = path.join(this.dir, 'data')
    this.pluginsDir = path.join(this.dir, 'plugins')
    this.configFile = path.join(this.dir, 'orderd.ini')
    fs.mkdirSync(this.pluginsDir)
    const shipped = fs.readFileSync(path.join(ROOT, 'conf/orderd.ini'), 'utf8')
    // Any free port; in the file and not as -o, so that a test can change it and reload.
    const listening = shipped.replace(/^[;#]?[ \t]*listen[ \t]*=.*$/m, 'listen = 127.0.0.1:0')
    assert.notEqual(listening, shipped, 'conf/orderd.ini has no line for server.listen')
    fs.writeFileSync(this.configFile, config(listening))
    this.options = {
      'database.data_dir': this.dataDir,
      'plugins.dir': this.pluginsDir,
      'plugins.scripts': path.join(ROOT, 'scripts'),
      'auth.mode': 'open',
      'stock.track': 'known',
      ...options,
    }
    this.log = ''
    this.peers = []
    homes.add(this)
  }

  /** Another server process on the same files and database; `options` are its own. */
  peer(options = {}) {
    const peer = Object.assign(Object.create(Server.prototype), this, {
      child: undefined, log: '', peers: [], options: { ...this.options, ...options },
    })
    this.peers.push(peer)
    return peer
  }

  flags() {
    const set = Object.entries(this.options).filter(([, value]) => value !== undefined)
    return ['-c', this.configFile, ...set.flatMap(([key, value]) => ['-o', `${key}=${value}`])]
  }

  async start() {
    this.child = spawn(this.orderd, ['serve', ...this.flags()], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.pid = this.child.pid
    this.exited = new Promise(resolve => {
      this.child.once('exit', (code, signal) => resolve({ code, signal }))
      this.child.once('error', error => resolve({ code: -1, signal: error.message }))
    })
    // A running server must not keep a finished test file from ending; whoever waits has a timer.
    for (const handle of [this.child, this.child.stdout, this.child.stderr]) handle.unref()
    let out = ''
    this.child.stderr.setEncoding('utf8').on('data', text => {
      this.log = (this.log + text).slice(-LOG_BYTES)
    })
    const ready = new Promise(resolve => {
      this.child.stdout.setEncoding('utf8').on('data', text => {
        out += text
        this.out = out
        const line = /^orderd ready on (http:\/\/\S+)$/m.exec(out)
        if (line) resolve({ url: line[1] })
      })
    })
    const { url, code, signal } = await within(HANG_MS, Promise.race([ready, this.exited]),
      () => `orderd is not ready\n${out}${this.log}`)
    if (!url) throw new Error(`orderd ended before it was ready (${code ?? signal})\n${out}${this.log}`)
    this.url = url
    this.client = new Client(url)
    return this
  }

  /** Graceful; a sanitizer's report or a failed drain shows as an exit code. */
  async stop() {
    if (!this.child) return
    const child = this.child
    this.child = undefined
    this.client?.close()
    child.kill('SIGTERM')
    const { code, signal } = await within(HANG_MS, this.exited, () => {
      child.kill('SIGKILL')
      return `orderd does not stop\n${this.log}`
    })
    assert.equal(code, 0, `orderd ended with ${code ?? signal}\n${this.log}`)
  }

  /** kill -9; its PostgreSQL is left to itself. */
  async kill() {
    this.child.kill('SIGKILL')
    await within(HANG_MS, this.exited, () => 'orderd outlives kill -9')
    this.child = undefined
    this.client.close()
  }

  async restart() {
    await this.stop()
    await this.start()
  }

  signal(name) {
    this.child.kill(name)
  }

  /** Another subcommand on the same configuration. */
  run(subcommand, args = [], { input, timeout = HANG_MS } = {}) {
    // A reload takes no other options than those that find the server.
    const flags = subcommand === 'reload' || subcommand[0] === 'reload'
      ? ['-c', this.configFile, '-o', `database.data_dir=${this.dataDir}`] : this.flags()
    return run(this.orderd, [...[subcommand].flat(), ...flags, ...args], { input, timeout })
  }

  api(...args) {
    return this.client.api(...args)
  }

  get(...args) {
    return this.client.get(...args)
  }

  post(...args) {
    return this.client.post(...args)
  }

  place(...args) {
    return this.client.place(...args)
  }

  /** {pid, socketDir, port} of the private cluster, from its postmaster.pid; undefined when it is down. */
  cluster() {
    const places = [this.dataDir, ...subdirectories(this.dataDir)]
    const file = places.map(dir => path.join(dir, 'postmaster.pid')).find(f => fs.existsSync(f))
    if (!file) return undefined
    // https://www.postgresql.org/docs/15/storage-file-layout.html: pid, data directory, start time,
    // port, first socket directory, …
    const lines = fs.readFileSync(file, 'utf8').split('\n')
    return { pid: Number(lines[0]), port: Number(lines[3]), socketDir: lines[4] }
  }

  /** A URL by which any other client reaches the private cluster. */
  databaseUrl(database = 'orderd') {
    const { socketDir, port } = this.cluster()
    return `postgresql:///${database}?host=${encodeURIComponent(socketDir)}&port=${port}&user=${PG_USER}`
  }

  async withDatabase(work) {
    const { default: pg } = await import('pg')
    pg.types.setTypeParser(pg.types.builtins.INT8, Number)
    const { socketDir, port } = this.cluster()
    const db = new pg.Client({ host: socketDir, port, user: PG_USER, database: 'orderd' })
    db.on('error', () => {}) // whoever waits for the query is told
    await db.connect()
    try {
      return await work(db)
    } finally {
      await db.end()
    }
  }

  /** Rows of a statement, over a connection of its own. */
  sql(text, params = []) {
    return this.withDatabase(async db => (await db.query(text, params)).rows)
  }

  /** What `work` comes to, while nobody else can write to the table, or (access exclusive) read it. */
  withLock(table, work, mode = 'share') {
    return this.withDatabase(async db => {
      await db.query(`begin; lock table ${table} in ${mode} mode`)
      return work()
    })
  }

  /** Asks for `path`, and goes away while the database cannot answer what is read from the table. */
  async abandon(path, table) {
    const { hostname, port } = new URL(this.url)
    const socket = net.connect(Number(port), hostname).on('error', () => {})
    await this.withLock(table, async () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      await until(async () => (await this.sql('select 1 from pg_locks where not granted')).length)
      socket.resetAndDestroy()
      await this.get('/healthz') // the server has seen it go
    }, 'access exclusive')
  }

  /** A plugin that answers a question or hooks a topic in place of the default. */
  writePlugin(name, source, { provides = [], capabilities = [] } = {}) {
    const dir = path.join(this.pluginsDir, name)
    fs.mkdirSync(dir, { recursive: true })
    fs.writeFileSync(path.join(dir, 'plugin.ini'), pluginManifest(name, { provides, capabilities }))
    fs.writeFileSync(path.join(dir, 'init.lua'), source)
  }

  writePluginFile(name, file, text) {
    const target = path.join(this.pluginsDir, name, file)
    fs.mkdirSync(path.dirname(target), { recursive: true })
    fs.writeFileSync(target, text)
  }

  removePluginFile(name, file) {
    fs.rmSync(path.join(this.pluginsDir, name, file))
  }

  editConfig(edit) {
    fs.writeFileSync(this.configFile, edit(fs.readFileSync(this.configFile, 'utf8')))
  }

  async dispose() {
    try {
      for (const each of [...this.peers, this]) await each.stop()
    } finally {
      this.disposeNow()
    }
  }

  disposeNow() {
    if (!homes.delete(this)) return
    for (const each of [this, ...this.peers]) each.child?.kill('SIGKILL')
    try {
      const { pid } = this.cluster()
      // Only what runs on our own directory: a stale pid file may name anybody.
      if (fs.readlinkSync(`/proc/${pid}/cwd`).startsWith(this.dir)) process.kill(pid, 'SIGQUIT')
    } catch {
      // No cluster, or it is gone already.
    }
    fs.rmSync(this.dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}

export const PG_USER = 'orderd'

function pluginManifest(name, lists) {
  const lines = Object.entries(lists).filter(([, list]) => list.length)
    .map(([key, list]) => `${key} = ${list.join(', ')}\n`)
  return `name = ${name}\nversion = 1.0.0\n${lines.join('')}`
}

function subdirectories(dir) {
  if (!fs.existsSync(dir)) return []
  return fs.readdirSync(dir, { withFileTypes: true })
    .filter(entry => entry.isDirectory()).map(entry => path.join(dir, entry.name))
}

async function within(ms, promise, message) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(message())), ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** A program to its end: {code, stdout, stderr}. */
export function run(program, args, { input, timeout = HANG_MS, cwd = ROOT } = {}) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], cwd })
  // It may end without reading what it was given.
  child.stdin.on('error', () => {}).end(input)
  return finished(child, { what: `${program} ${args.join(' ')}`, timeout })
}

/**
 * The same for a child that was spawned already. on: 'close' waits for all of its output, 'exit' not
 * for what a server that it started still keeps open.
 */
export async function finished(child, { what, timeout = HANG_MS, on = 'close' }) {
  const out = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', text => { out[name] += text })
  }
  const code = await within(timeout, new Promise((resolve, reject) => {
    child.once('error', reject).once(on, resolve)
  }), () => {
    child.kill('SIGKILL')
    return `${what} did not end\n${out.stdout}${out.stderr}`
  })
  return { code, ...out }
}

/**
 * One server for all tests of a file, removed after the last; settings.prepare is called with it
 * before it starts.
 */
export async function useServer(settings) {
  const server = new Server(settings)
  after(async () => {
    await server.dispose()
    // What is left open (a socket, a child) is a fault of the file, and named; without this the file would hang until ctest gives up.
    setTimeout(() => {
      console.error(`the tests are done, and these keep the process alive: ${process.getActiveResourcesInfo().join(', ')}`)
      process.exit(1)
    }, 60_000).unref()
  })
  settings?.prepare?.(server)
  return server.start()
}

/** The same for one test. */
export async function withServer(settings, use) {
  const server = new Server(settings)
  try {
    settings.prepare?.(server)
    await server.start()
    await use(server)
    await server.stop()
  } finally {
    server.disposeNow()
  }
}

export async function assertVerified(server) {
  const { code, stdout, stderr } = await server.run('verify')
  assert.match(stdout, /verified \d+ orders, 0 differ/, stderr)
  assert.equal(code, 0, stderr)
}
