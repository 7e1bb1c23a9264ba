// Where the units of an item are.

/** Units that still have to leave. */
export const unitsLeft = item => Math.max(0, item.qty - item.qtyCanceled - (item.qtyShipped - item.qtyShippedAfterCancel))

/** Name of a group → how many units of the item are in it. What came back has been delivered as well. */
export const GROUPS = {
  left: unitsLeft,
  sent: item => Math.max(0, item.qtyShipped - Math.max(item.qtyDelivered, item.qtyReturned)),
  delivered: item => Math.max(0, item.qtyDelivered - item.qtyReturned),
  returned: item => item.qtyReturned,
  canceled: item => item.qtyCanceled,
}
