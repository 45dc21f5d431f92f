const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const list = new Intl.ListFormat('en', { type: 'conjunction' })
const two = (value: number) => String(value).padStart(2, '0')

/** Five fields of cron as a person would say them; undefined: that would take more than a sentence. */
export function cronText(schedule: string): string | undefined {
  const [minute = '', hour = '', day = '', month = '', weekday = '', ...rest] = schedule.trim().split(/\s+/)
  const on = month === '*' && rest.length === 0 ? daysText(day, weekday) : undefined
  const at = timesText(minute, hour)
  if (on === undefined || at === undefined)
    return undefined
  // What comes more than once a day needs no word for "each day".
  return on === 'every day' && at.startsWith('every') ? at : `${on} ${at}`
}

function timesText(minute: string, hour: string): string | undefined {
  const [minutes, hours] = [numbers(minute, 59), numbers(hour, 23)]
  if (minutes && hours)
    return `at ${list.format(hours.flatMap(h => minutes.map(m => `${two(h)}:${two(m)}`)))}`
  if (minutes?.length === 1) {
    const every = everyText(hour, 24, 'hour')
    return every && `${every}, ${two(minutes[0]!)} minutes past`
  }
  return hour === '*' ? everyText(minute, 60, 'minute') : undefined
}

function daysText(day: string, weekday: string): string | undefined {
  if (day === '*' && weekday === '*')
    return 'every day'
  if (day === '*') {
    const [first, last, ...more] = weekday.split('-').map(weekdayOf)
    if (first && last && more.length === 0)
      return `${first} to ${last}`
    const names = weekday.split(',').map(weekdayOf)
    return names.every(name => name !== undefined) ? `every ${list.format(names)}` : undefined
  }
  const days = weekday === '*' ? numbers(day, 31) : undefined
  return days && `on day ${list.format(days.map(String))} of the month`
}

/** 0 and 7 are both Sunday. */
function weekdayOf(text: string): string | undefined {
  return /^[0-7]$/.test(text) ? weekdays[Number(text) % 7] : weekdays.find(name => name.slice(0, 3).toLowerCase() === text.toLowerCase())
}

/** `2,14`; undefined: it is something else. */
function numbers(field: string, most: number): number[] | undefined {
  const values = field.split(',').map(part => /^\d+$/.test(part) ? Number(part) : Number.NaN)
  return values.every(value => value <= most) ? values.toSorted((a, b) => a - b) : undefined
}

/** Of `*` and `*\/15`; undefined where the steps do not fit into the whole, and the last one is shorter. */
function everyText(field: string, whole: number, unit: string): string | undefined {
  if (field === '*')
    return `every ${unit}`
  const step = Number(/^\*\/(\d+)$/.exec(field)?.[1])
  return step > 1 && step < whole && whole % step === 0 ? `every ${step} ${unit}s` : undefined
}
