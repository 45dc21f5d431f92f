/** Those that were asked for; to build a format takes milliseconds. */
const known = new Set<string>()

/** Whether there is a time zone of this name. */
export function isTimeZone(name: string): boolean {
  if (known.has(name))
    return true
  try {
    const isOne = new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat
    known.add(name)
    return isOne
  }
  catch {
    // A RangeError, whose message is about Intl.
    return false
  }
}
