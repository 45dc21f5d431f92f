const sizes = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** 1536 → `1.5 KiB`. */
export function bytes(count: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(count, 1)) / 10), sizes.length - 1)
  const value = count / 1024 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : trimmed(value)} ${sizes[power]}`
}

export function gib(count: number): string {
  return bytes(count * 1024 ** 3)
}

export function mib(count: number): string {
  return bytes(count * 1024 ** 2)
}

/** 84 → `84 ms`; 1234 → `1.2 s`; 75000 → `1m 15s`. */
export function elapsed(ms: number): string {
  if (ms < 1000)
    return `${Math.round(ms)} ms`
  if (ms < 59_950)
    return `${trimmed(ms / 1000)} s`
  const seconds = Math.round(ms / 1000)
  const parts = [[86_400, 'd'], [3_600, 'h'], [60, 'm'], [1, 's']] as const
  const first = parts.findIndex(([size]) => seconds >= size)
  return parts.slice(first, first + 2)
    .map(([size, unit], index) => `${Math.floor(index === 0 ? seconds / size : (seconds % parts[first]![0]) / size)}${unit}`)
    .filter((part, index) => index === 0 || !part.startsWith('0'))
    .join(' ')
}

/** How long ago, in one unit: `12s`, `3m`, `5h`, `8d`. */
export function age(at: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(at)) / 1000))
  if (seconds < 120)
    return `${seconds}s`
  if (seconds < 2 * 3_600)
    return `${Math.floor(seconds / 60)}m`
  if (seconds < 2 * 86_400)
    return `${Math.floor(seconds / 3_600)}h`
  return `${Math.floor(seconds / 86_400)}d`
}

/** Times in tables: UTC, to the second. */
export function time(at: string): string {
  return at.replace('T', ' ').replace(/(?:\.\d+)?Z$/, 'Z')
}

export function yesNo(value: boolean): string {
  return value ? 'yes' : 'no'
}

export function pairsText(pairs: Readonly<Record<string, unknown>>): string {
  return Object.entries(pairs).map(([key, value]) => `${key}=${String(value)}`).join(', ')
}

/** A log or a name may hold bytes that command a terminal; shown are their pictures. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return text.replace(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, (character) => {
    const code = character.charCodeAt(0)
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\u2421'
  })
}

function trimmed(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '')
}
