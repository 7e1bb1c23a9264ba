// What a person keeps in this browser. What cannot be read, or is not what it should be, counts as not
// there: a broken value never blocks anybody.
const PREFIX = 'orderd.desk.'

/** The value, if `fits` says that it is one; else `otherwise`. */
export function recall(name, otherwise, fits = () => true) {
  try {
    const value = JSON.parse(localStorage.getItem(PREFIX + name))
    return value !== null && fits(value) ? value : otherwise
  } catch {
    return otherwise
  }
}

export function keep(name, value) {
  try {
    if (value === undefined) localStorage.removeItem(PREFIX + name)
    else localStorage.setItem(PREFIX + name, JSON.stringify(value))
  } catch {
    // No room, or none allowed: then it holds until the page is closed.
  }
}
