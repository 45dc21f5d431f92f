const hourMs = 3_600_000

/** How long something that goes by itself usually stays. */
export const lifetimes = [
  { label: 'in an hour', hours: 1 },
  { label: 'in a day', hours: 24 },
  { label: 'in a week', hours: 7 * 24 },
  { label: 'in 30 days', hours: 30 * 24 },
] as const

export function expiryIn(hours: number, now: number): string {
  return new Date(now + hours * hourMs).toISOString()
}

/** The one that a time was just chosen by; empty: none. */
export function lifetimeOf(expiresAt: string, now: number): string {
  const hours = (Date.parse(expiresAt) - now) / hourMs
  return String(lifetimes.find(lifetime => Math.abs(lifetime.hours - hours) < 1 / 60)?.hours ?? '')
}

/** `2d`, `90m`: what the command takes for a time that comes. */
export function lifetimeFlag(expiresAt: string, now: number): string {
  const minutes = Math.max(1, Math.round((Date.parse(expiresAt) - now) / 60_000))
  if (minutes % 1440 === 0)
    return `${minutes / 1440}d`
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`
}
