// PostgreSQL clusters of a test's own, reached over loopback, for what needs two of them: standbys,
// promotions, an old primary that comes back.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'

import { isAlive, makeHome, PG_USER, until } from './lib.mjs'

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
  /** An empty one that runs, or (of) a standby of another, which streams under `name`. */
  static async start(name, { of, settings = {}, clock = false } = {}) {
    const cluster = new Cluster()
    cluster.name = name
    cluster.clock = clock
    cluster.dir = makeHome()
    cluster.data = path.join(cluster.dir, 'pg')
    cluster.port = await freePort()
    const { uid, gid } = postgresUser()
    if (uid) fs.chownSync(cluster.dir, uid, gid)
    running.add(cluster)
    if (of) {
      cluster.program('pg_basebackup', '-D', cluster.data, '-R', '-X', 'stream', '-c', 'fast', '-d',
        `host=127.0.0.1 port=${of.port} user=${PG_USER} application_name=${name}`)
    } else {
      cluster.program('initdb', '-D', cluster.data, '-U', PG_USER, '-A', 'trust', '-N', '--no-locale', '-E', 'UTF8')
    }
    cluster.set({
      listen_addresses: '127.0.0.1', port: cluster.port, unix_socket_directories: '',
      fsync: 'off', full_page_writes: 'off', max_connections: 40, hot_standby: 'on', wal_keep_size: '256MB', ...settings,
    })
    cluster.up()
    if (!of) await cluster.sql('create database orderd', [], 'postgres')
    return cluster
  }

  program(name, ...args) {
    const { status, stdout, stderr } = spawnSync(path.join(BIN, name), args, {
      ...postgresUser(), cwd: this.dir, encoding: 'utf8', timeout: 120_000, stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...(this.clock ? this.faketime() : {}) },
    })
    if (status !== 0) throw new Error(`${name} ${args.join(' ')}\n${stdout}${stderr}`)
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

  up() {
    this.program('pg_ctl', '-D', this.data, '-w', '-t', '60', '-l', path.join(this.dir, 'log'), 'start')
  }

  reload() {
    this.program('pg_ctl', '-D', this.data, 'reload')
  }

  down(mode = 'immediate') {
    this.program('pg_ctl', '-D', this.data, '-w', '-m', mode, 'stop')
  }

  promote() {
    this.program('pg_ctl', '-D', this.data, '-w', 'promote')
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
    return `postgresql://${PG_USER}@127.0.0.1:${this.port}/${database}`
  }

  async sql(text, params = [], database = 'orderd') {
    const { default: pg } = await import('pg')
    pg.types.setTypeParser(pg.types.builtins.INT8, Number)
    const db = new pg.Client({ connectionString: this.url(database), connectionTimeoutMillis: 10_000 })
    db.on('error', () => {})
    await db.connect()
    try {
      return (await db.query(text, params)).rows
    } finally {
      await db.end()
    }
  }

  /** Backends whose commit waits for a standby: [{pid, query}]. */
  waitingForStandby() {
    return this.sql("select pid, query from pg_stat_activity where wait_event = 'SyncRep'")
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
