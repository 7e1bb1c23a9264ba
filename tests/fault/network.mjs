// Machines of a program's own: network namespaces with a switch between them, from which each can be
// unplugged. A program that calls enter() runs in a process namespace as well: when it ends, however,
// the kernel ends all that it started and removes the networks. It needs root.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'

const INSIDE = 'ORDERD_FAULT_NETWORK'

function command(program, ...args) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  assert.equal(status, 0, `${program} ${args.join(' ')}\n${stdout}${stderr}`)
  return stdout
}

/**
 * Runs the program once more, in namespaces, and ends with its exit code; returns in there alone. A
 * shell is the first process of the new process namespace, because it has to wait for orphans.
 */
export async function enter() {
  if (process.env[INSIDE]) {
    // The end of the program outside, even by SIGKILL, closes this.
    process.stdin.on('end', () => process.exit(1)).on('error', () => process.exit(1)).resume().unref()
    command('ip', 'link', 'set', 'lo', 'up')
    return
  }
  if (process.getuid() !== 0) {
    console.error('network namespaces need root')
    process.exit(2)
  }
  const child = spawn('unshare', ['--net', '--ipc', '--pid', '--mount-proc', '--fork', '--kill-child',
    'sh', '-c', '"$@"; exit $?', 'sh', process.execPath, ...process.argv.slice(1)],
  { stdio: ['pipe', 'inherit', 'inherit'], env: { ...process.env, [INSIDE]: '1' } })
  process.exit(await new Promise(resolve => child.once('exit', code => resolve(code ?? 1))))
}

/** A machine without a network but its own loopback. */
class Machine {
  constructor() {
    this.holder = spawn('unshare', ['--net', 'sleep', 'infinity'], { stdio: 'ignore' })
    this.holder.unref()
  }

  /** Its namespace is there once the program that holds it is. */
  async settled() {
    const own = fs.readlinkSync('/proc/self/ns/net')
    while (fs.readlinkSync(`/proc/${this.holder.pid}/ns/net`) === own) {
      assert.equal(this.holder.exitCode, null, 'no network namespace')
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    return this
  }

  /** [program, args] that runs there, as another user when `uid` says so. */
  inside(program, args, { uid, gid } = {}) {
    const user = uid ? ['--setuid', `${uid}`, '--setgid', `${gid}`] : []
    return ['nsenter', ['--target', `${this.holder.pid}`, '--net', ...user, '--', program, ...args]]
  }

  run(program, ...args) {
    return command(...this.inside(program, args).flat())
  }
}

/** One Ethernet switch; the program itself is plugged in at 10.77.0.1. */
export class Switch {
  static async start() {
    const self = new Switch()
    self.machine = await new Machine().settled()
    self.count = 0
    self.machine.run('ip', 'link', 'add', 'bridge', 'type', 'bridge')
    self.machine.run('ip', 'link', 'set', 'bridge', 'up')
    self.#cable('here', '10.77.0.1', command)
    return self
  }

  /** A new machine that is plugged in: {address, inside(), …}. */
  async add() {
    const machine = await new Machine().settled()
    machine.port = `port${++this.count}`
    machine.address = `10.77.0.${10 + this.count}`
    command('ip', 'link', 'add', 'moved', 'type', 'veth', 'peer', 'name', machine.port)
    command('ip', 'link', 'set', 'moved', 'name', 'eth0', 'netns', `${machine.holder.pid}`)
    this.#plug(machine.port)
    machine.run('ip', 'link', 'set', 'lo', 'up')
    machine.run('ip', 'address', 'add', `${machine.address}/24`, 'dev', 'eth0')
    machine.run('ip', 'link', 'set', 'eth0', 'up')
    return machine
  }

  /** From now on its packets, and those for it, vanish: nobody is told. */
  cut(machine) {
    this.machine.run('ip', 'link', 'set', machine.port, 'nomaster')
  }

  mend(machine) {
    this.machine.run('ip', 'link', 'set', machine.port, 'master', 'bridge')
  }

  #cable(name, address, run) {
    command('ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', name)
    this.#plug(name)
    run('ip', 'address', 'add', `${address}/24`, 'dev', 'eth0')
    run('ip', 'link', 'set', 'eth0', 'up')
  }

  #plug(port) {
    command('ip', 'link', 'set', port, 'netns', `${this.machine.holder.pid}`)
    this.machine.run('ip', 'link', 'set', port, 'master', 'bridge', 'up')
  }
}
