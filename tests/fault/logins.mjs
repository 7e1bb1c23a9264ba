// Places orders alone, and then while another process sends wrong passwords, all at once:
// `node tests/fault/logins.mjs [--seconds 10] [--at-once 1000] [--rounds 2]`. Prints both rates.
import { fork } from 'node:child_process'
import { parseArgs } from 'node:util'

import { Client, order, Server } from '../e2e/lib.mjs'
import { setUp } from '../e2e/people.mjs'

const { values } = parseArgs({ options: {
  seconds: { type: 'string', default: '10' },
  'at-once': { type: 'string', default: '1000' },
  width: { type: 'string', default: '32' },
  rounds: { type: 'string', default: '2' },
} })
const [seconds, atOnce, width, rounds] = ['seconds', 'at-once', 'width', 'rounds'].map(name => Number(values[name]))

const server = await new Server({ options: { 'auth.mode': 'keys', 'log.level': 'warn' } }).start()
try {
  const owner = await setUp(server)
  const { key } = (await owner.post('/api/keys', { name: 'shop', role: 'staff' })).body
  const shop = new Client(server.url, { key, connections: width })
  async function rate() {
    let placed = 0
    const end = Date.now() + seconds * 1000
    await Promise.all(Array.from({ length: width }, async () => {
      while (Date.now() < end) {
        const { status, text } = await shop.post('/api/orders', order())
        if (status !== 201) throw new Error(text)
        placed++
      }
    }))
    return placed / seconds
  }

  await rate() // warm
  for (let round = 0; round < rounds; round++) {
    const alone = await rate()
    const child = fork(new URL('guesser.mjs', import.meta.url).pathname, [server.url, String(atOnce), String(round)])
    const guessed = new Promise(resolve => child.once('message', resolve))
    const beside = await rate()
    const answers = await guessed
    child.disconnect()
    console.log(`alone ${alone.toFixed(0)}/s, beside ${atOnce} wrong passwords at once ${beside.toFixed(0)}/s (${(100 * beside / alone).toFixed(0)} %), answers ${JSON.stringify(answers)}`)
  }
  shop.close()
  owner.close()
} finally {
  await server.dispose()
}
