// What the shop configured: its statuses, in its own words.
import { signal } from '@preact/signals'

import { get, graphql, health } from './api.js'
import { me } from './session.js'

/** {status: [{code, name, badge, progress}], paymentStatus: […], shipmentStatus: […]} */
export const statuses = signal({ status: [], paymentStatus: [], shipmentStatus: [] })

async function read() {
  const fields = '{code name badge progress}'
  me.value = await get('/api/me')
  statuses.value = await graphql(`{status: statusList ${fields} paymentStatus: paymentStatusList ${fields}
    shipmentStatus: shipmentStatusList ${fields}}`)
}

/** Reads it once; when the server is away, as soon as it is back. */
export function readShop() {
  read().catch(problem => {
    if (!problem.passing) return
    const stop = health.subscribe(({ state }) => {
      if (state !== 'ok') return
      queueMicrotask(() => stop())
      readShop()
    })
  })
}
