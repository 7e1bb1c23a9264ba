// The process of tests/fault/logins.mjs that guesses: so many wrong passwords at once, each for another user.
import { Client } from '../e2e/client.mjs'

const [, , url, atOnce, round] = process.argv
const client = new Client(url, { connections: Number(atOnce) })
const answers = {}
await Promise.all(Array.from({ length: Number(atOnce) }, async (_, i) => {
  const { status } = await client.post('/auth/login', { email: `user${i}-${round}@shop.example`, password: 'a wrong password' })
  answers[status] = (answers[status] ?? 0) + 1
}))
process.send(answers)
process.on('disconnect', () => process.exit(0))
