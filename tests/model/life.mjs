// One order from placing until a number of random commands have been given.
import { command, draft, random } from './generate.mjs'
import { Disagreement, Play } from './play.mjs'
import { SKUS } from './shop.mjs'

const CURRENCIES = ['EUR', 'EUR', 'JPY', 'KWD']

/** The play when it is over, or undefined when stock was short. Disagreements know how to repeat it. */
export async function life(clients, { seed, number, length, sent = () => {} }) {
  const r = random(seed * 1_000_003 + number)
  const currency = r.of(CURRENCIES)
  const play = new Play(r.chance(0.5) ? clients : [...clients].reverse(), draft(r, SKUS), { currency })
  let names = 0
  const fresh = () => `${seed}-${number}-${++names}`
  try {
    if (!await play.begin()) return undefined
    for (let given = 0; given < length;) {
      const at = r.chance(0.7) ? 1 : r.from(2, 4)
      const next = Array.from({ length: at }, () => command(r, play.order, SKUS, fresh))
      if (at === 1 && r.chance(0.2)) await play.careful(next[0], fresh())
      else await play.round(next)
      if (r.chance(0.2)) await play.check()
      given += at
      sent(at)
    }
    await play.check()
    return play
  } catch (error) {
    if (error instanceof Disagreement) Object.assign(error, { start: play.start, currency, number })
    throw error
  }
}
