/** How values are shown. Sizes in powers of 1024, times in the reader's own zone. */
const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 })
const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

export function bytes(value: number | null): string {
  if (value === null)
    return '–'
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const step = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10))
  return `${number.format(value / 1024 ** step)} ${units[step]}`
}

export function count(value: number, one: string, many = `${one}s`): string {
  return `${number.format(value)} ${value === 1 ? one : many}`
}

export function localTime(iso: string): string {
  return local.format(new Date(iso))
}

export function utcTime(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

const spans = [['day', 86_400], ['hour', 3600], ['minute', 60]] as const

export function ago(iso: string, now: number): string {
  const seconds = Math.round((Date.parse(iso) - now) / 1000)
  for (const [unit, span] of spans) {
    if (Math.abs(seconds) >= span)
      return relative.format(Math.trunc(seconds / span), unit)
  }
  return Math.abs(seconds) < 5 ? 'just now' : relative.format(seconds, 'second')
}

export function duration(ms: number): string {
  if (ms < 1000)
    return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 60_000)
    return `${number.format(ms / 1000)} s`
  const minutes = Math.floor(ms / 60_000)
  return minutes < 60 ? `${minutes} min ${Math.round(ms % 60_000 / 1000)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** `database.rotate-credentials` → `Rotate credentials`. */
export function words(name: string): string {
  const text = name.replaceAll(/[-_]|([a-z])(?=[A-Z])/g, '$1 ').toLowerCase()
  return text.charAt(0).toUpperCase() + text.slice(1)
}
