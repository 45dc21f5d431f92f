import { expect, it } from 'vitest'
import { cronText } from './cron-text.ts'

it.each([
  ['30 2 * * *', 'every day at 02:30'],
  ['0 14,2 * * *', 'every day at 02:00 and 14:00'],
  ['5 6 * * 0', 'every Sunday at 06:05'],
  ['5 6 * * 7', 'every Sunday at 06:05'],
  ['0 3 * * sat,SUN', 'every Saturday and Sunday at 03:00'],
  ['0 3 * * 1-5', 'Monday to Friday at 03:00'],
  ['0 3 1,15 * *', 'on day 1 and 15 of the month at 03:00'],
  ['7 * * * *', 'every hour, 07 minutes past'],
  ['0 */6 * * *', 'every 6 hours, 00 minutes past'],
  ['*/15 * * * *', 'every 15 minutes'],
  ['* * * * *', 'every minute'],
])('%s is %s', (schedule, text) => expect(cronText(schedule)).toBe(text))

it.each(['0 3 1 * 1', '0 3 * 6 *', '*/7 * * * *', '0 9-17 * * *', '0 3 L * *', '0 3 * * 1#2', '61 2 * * *', '0 25 * * *', '0 3 * * 8', 'none', '', '0 3 * * * *'])('what is no sentence, or no schedule, is not said wrongly: %s', (schedule) => {
  expect(cronText(schedule)).toBeUndefined()
})
