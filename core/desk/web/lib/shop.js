// What the shop configured: its statuses, in its own words. Read once.
import { signal } from '@preact/signals'

import { get, graphql } from './api.js'
import { me } from './session.js'

/** {status: [{code, name, badge, progress}], paymentStatus: […], shipmentStatus: […]} */
export const statuses = signal({ status: [], paymentStatus: [], shipmentStatus: [] })

export async function readShop() {
  const fields = '{code name badge progress}'
  const data = await graphql(`{status: statusList ${fields} paymentStatus: paymentStatusList ${fields}
    shipmentStatus: shipmentStatusList ${fields}}`)
  statuses.value = data
  // An orderd without users has no such route.
  me.value = await get('/api/me').catch(() => null)
}
