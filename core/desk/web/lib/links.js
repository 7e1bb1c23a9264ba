// Addresses that came with an order. Only those of the web become links: "javascript:" and its like do not.
export function webAddress(text) {
  try {
    const { protocol, href } = new URL(text)
    return protocol === 'https:' || protocol === 'http:' ? href : undefined
  } catch {
    return undefined
  }
}

/** Where a carrier shows a parcel, for those who told no address of it. */
const CARRIERS = [
  { name: 'UPS', numbers: /^1Z[0-9A-Z]{16}$/i, at: 'https://www.ups.com/track?tracknum=' },
  { name: 'DHL', numbers: /^(JD|JJD)\d{6,}$|^00\d{18}$|^\d{12}$|^\d{20}$/i, at: 'https://www.dhl.com/en/express/tracking.html?AWB=' },
  { name: 'DPD', numbers: /^\d{14}$/, at: 'https://tracking.dpd.de/status/en_US/parcel/' },
  { name: 'GLS', numbers: /^\d{11}$/, at: 'https://gls-group.com/track/' },
]

/** Whose number it looks like. */
export const guessCarrier = number => CARRIERS.find(each => each.numbers.test(number.trim()))?.name

export function trackingAddress({ carrier, trackingNumber, trackingUrl }) {
  const known = CARRIERS.find(each => each.name === carrier?.toUpperCase())
  return webAddress(trackingUrl) ?? (known && trackingNumber ? known.at + encodeURIComponent(trackingNumber) : undefined)
}
