// PostgreSQL clusters of a test's own, for what needs two of them: standbys, promotions, an old primary
// that comes back. They are reached over loopback, or on machines of tests/fault/network.mjs; the test
// itself asks them over a Unix socket, whatever has become of the network.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'

import { finished, isAlive, makeHome, PG_USER, until } from './lib.mjs'

const BIN = findBin()
const FAKETIME = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketimeMT.so.1`
export const hasClocks = fs.existsSync(FAKETIME)

function findBin() {
  const versions = fs.existsSync('/usr/lib/postgresql') ? fs.readdirSync('/usr/lib/postgresql') : []
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0]
  return newest ? `/usr/lib/postgresql/${newest}/bin` : ''
}

function postgresUser() {
  if (process.getuid() !== 0) return {}
  const [, , uid, gid] = /^postgres:.*$/m.exec(fs.readFileSync('/etc/passwd', 'utf8'))[0].split(':')
  return { uid: Number(uid), gid: Number(gid) }
}

async function freePort() {
  const server = net.createServer()
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise(resolve => server.close(resolve))
  return port
}

const running = new Set()
process.on('exit', () => running.forEach(cluster => cluster.disposeNow()))

export class Cluster {
  /**
   * An empty one that runs, or (of) a standby of another, which streams under `name`. machine: where
   * it runs; settings: its own, which it keeps when it becomes the copy of another.
   */
  static async start(name, { of, settings = {}, clock = false, machine } = {}) {
    const cluster = new Cluster()
    Object.assign(cluster, { name, clock, machine, host: machine?.address ?? '127.0.0.1' })
    cluster.dir = makeHome()
    cluster.data = path.join(cluster.dir, 'pg')
    cluster.port = machine ? 5432 : await freePort()
    cluster.settings = {
      listen_addresses: cluster.host, port: cluster.port, unix_socket_directories: cluster.dir,
      fsync: 'off', full_page_writes: 'off', max_connections: 40, hot_standby: 'on', wal_keep_size: '256MB', ...settings,
    }
    const { uid, gid } = postgresUser()
    if (uid) fs.chownSync(cluster.dir, uid, gid)
    running.add(cluster)
    if (of) {
      await cluster.copy(of)
    } else {
      await cluster.program('initdb', '-D', cluster.data, '-U', PG_USER, '-A', 'trust', '-N', '--no-locale', '-E', 'UTF8')
      const network = ['all', 'replication'].map(database => `host ${database} all samenet trust\n`)
      if (machine) fs.appendFileSync(path.join(cluster.data, 'pg_hba.conf'), network.join(''))
      cluster.set(cluster.settings)
    }
    await cluster.up()
    if (!of) await cluster.sql('create database orderd', [], 'postgres')
    return cluster
  }

  #source(of) {
    return `host=${of.host} port=${of.port} user=${PG_USER} application_name=${this.name}`
  }

  /** Becomes a standby of another, from a backup of it; starts with the next up(). */
  async copy(of) {
    fs.rmSync(this.data, { recursive: true, force: true })
    await this.program('pg_basebackup', '-D', this.data, '-R', '-X', 'stream', '-c', 'fast', '-d', this.#source(of))
    this.set(this.settings)
  }

  /** The same for an old primary that is down: what it alone has written is taken back. */
  async rewind(of) {
    // pg_rewind reads the timeline in the control file, which follows a promotion with a checkpoint.
    await of.sql('checkpoint')
    await this.program('pg_rewind', '-D', this.data, '-R', `--source-server=${this.#source(of)} dbname=postgres`)
    this.set(this.settings)
  }

  async program(name, ...args) {
    const user = postgresUser()
    const [program, all] = this.machine ? this.machine.inside(path.join(BIN, name), args, user) : [path.join(BIN, name), args]
    const child = spawn(program, all, {
      ...(this.machine ? {} : user), cwd: this.dir, stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...(this.clock ? this.faketime() : {}) },
    })
    const { code, stdout, stderr } = await finished(child, { what: `${name} ${args.join(' ')}`, on: 'exit' })
    if (code !== 0) throw new Error(`${name} ${args.join(' ')}\n${stdout}${stderr}`)
    return stdout
  }

  /** Its server reads another clock than the machine: `clock: true` at the start, and setClock. */
  faketime() {
    const file = path.join(this.dir, 'clock')
    if (!fs.existsSync(file)) fs.writeFileSync(file, '+0')
    return {
      LD_PRELOAD: FAKETIME, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1',
    }
  }

  /** Ahead of the machine's clock by so many hours. */
  setClock(hours) {
    fs.writeFileSync(path.join(this.dir, 'clock'), `${hours < 0 ? '' : '+'}${hours * 3600}`)
  }

  /** Settings for the next start or reload; the last one of a name counts. */
  set(settings) {
    const lines = Object.entries(settings).map(([key, value]) => `${key} = '${value}'\n`)
    fs.appendFileSync(path.join(this.data, 'postgresql.auto.conf'), lines.join(''))
  }

  async up() {
    const log = path.join(this.dir, 'log')
    try {
      await this.program('pg_ctl', '-D', this.data, '-w', '-t', '60', '-l', log, 'start')
    } catch (error) {
      throw new Error(fs.readFileSync(log, 'utf8').slice(-2000), { cause: error })
    }
  }

  async reload() {
    await this.program('pg_ctl', '-D', this.data, 'reload')
  }

  async down(mode = 'immediate') {
    await this.program('pg_ctl', '-D', this.data, '-w', '-m', mode, 'stop')
  }

  async promote() {
    await this.program('pg_ctl', '-D', this.data, '-w', 'promote')
  }

  isUp() {
    try {
      return isAlive(this.pid)
    } catch {
      return false // It has no pid file.
    }
  }

  get pid() {
    return Number(fs.readFileSync(path.join(this.data, 'postmaster.pid'), 'utf8').split('\n')[0])
  }

  /** Every process of the cluster gets the signal. */
  signal(name) {
    const children = fs.readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8').trim().split(' ')
    for (const pid of [this.pid, ...children.filter(Boolean).map(Number)]) {
      try {
        process.kill(pid, name)
      } catch {
        // It has just ended.
      }
    }
  }

  url(database = 'orderd') {
    return `postgresql://${PG_USER}@${this.host}:${this.port}/${database}`
  }

  async sql(text, params = [], database = 'orderd') {
    const db = await this.#connect(database)
    try {
      return (await db.query(text, params)).rows
    } finally {
      await db.end()
    }
  }

  /** What `work` comes to, while nobody else can change the order. */
  async withOrder(orderId, work) {
    const db = await this.#connect()
    try {
      await db.query('begin')
      await db.query('select from orders where order_id = $1 for update', [orderId])
      return await work()
    } finally {
      await db.end()
    }
  }

  async #connect(database = 'orderd') {
    const { default: pg } = await import('pg')
    pg.types.setTypeParser(pg.types.builtins.INT8, Number)
    const db = new pg.Client({ host: this.dir, port: this.port, user: PG_USER, database, connectionTimeoutMillis: 10_000 })
    db.on('error', () => {})
    await db.connect()
    return db
  }

  /** Backends whose commit waits for a standby: [{pid, name, query}]. */
  waitingForStandby() {
    return this.sql("select pid, application_name as name, query from pg_stat_activity where wait_event = 'SyncRep'")
  }

  /** Backends of others that carry out anything, or are about to: what had reached them before their client left. */
  busy() {
    return this.sql(`select pid, application_name as name, state, query from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid() and state <> 'idle'`)
  }

  /** Waits until this standby streams from the primary as a synchronous one. */
  streams(primary) {
    return until(async () => (await primary.sql(
      "select 1 from pg_stat_replication where application_name = $1 and state = 'streaming' and sync_state = 'sync'",
      [this.name])).length, { what: `the standby ${this.name}` })
  }

  disposeNow() {
    if (!running.delete(this)) return
    try {
      this.signal('SIGCONT')
      const { pid } = this
      // Only what runs on our own directory: a stale pid file may name anybody.
      if (isAlive(pid) && fs.readlinkSync(`/proc/${pid}/cwd`).startsWith(this.dir)) process.kill(pid, 'SIGQUIT')
    } catch {
      // It is down.
    }
    fs.rmSync(this.dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}
