import type { Database } from '@howdah/sdk'

/** How values are shown. Sizes in powers of 1024, times in the reader's own zone. */
const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 })
const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short', hourCycle: 'h23' })
const exactClock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hourCycle: 'h23' })
const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

export function bytes(value: number | null): string {
  if (value === null)
    return '–'
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const step = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10))
  return `${number.format(value / 1024 ** step)} ${units[step]}`
}

/** Memory and cores of a server; what Git sets no limit to has none. */
export function sizeText({ cpu, memoryMib }: { readonly cpu: number | null, readonly memoryMib: number | null }): string {
  if (memoryMib === null && cpu === null)
    return 'no limit'
  return `${memoryMib === null ? 'no limit' : `${memoryMib} MiB`}, ${cpu === null ? 'no limit' : count(cpu, 'core')}`
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

/** A time on an axis that shows so much: what differs from mark to mark. */
export function shortTime(at: number, spanMs: number): string {
  if (spanMs <= 600_000)
    return exactClock.format(at)
  return spanMs <= 86_400_000 || new Date(at).getHours() !== 0 ? clock.format(at) : date.format(at)
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

/** How long until then, in its two largest units. */
export function timeLeft(iso: string, now: number): string {
  const minutes = Math.max(0, Math.ceil((Date.parse(iso) - now) / 60_000))
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes % 1440 / 60)]
  return days > 0 ? `${days} d ${hours} h` : hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`
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

/** When it opens, in words. */
export function windowText({ days, start, durationMinutes, timeZone }: Database['maintenanceWindow']): string {
  const on = days.length === 7 ? 'every day' : days.map(day => words(day)).join(', ')
  return `${on} at ${start} for ${duration(durationMinutes * 60_000).replace(/ 0 \w+$/, '')} (${timeZone})`
}
