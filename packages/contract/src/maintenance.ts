import type { Static } from 'typebox'
import { Type } from 'typebox'
import { closed, oneOf } from './common.ts'

export const weekdays = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const
export type Weekday = typeof weekdays[number]

const Days = Type.Array(oneOf(weekdays), { minItems: 1, maxItems: 7, uniqueItems: true, description: 'On which days it begins' })
const Start = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$', description: 'Hours and minutes, such as 03:00' })
const DurationMinutes = Type.Integer({ minimum: 15, maximum: 1440, description: 'Nothing begins later than this after the start. What has begun is brought to its end' })
const TimeZone = Type.String({ minLength: 1, maxLength: 64, description: 'In which days and start are meant, such as Europe/Berlin' })

export const MaintenanceWindow = closed({ days: Days, start: Start, durationMinutes: DurationMinutes, timeZone: TimeZone }, { title: 'MaintenanceWindow', description: 'When a change that was asked for with `apply=maintenance-window` begins' })
export type MaintenanceWindow = Static<typeof MaintenanceWindow>
export const MaintenanceWindowChange = closed({
  days: Type.Optional(Days),
  start: Type.Optional(Start),
  durationMinutes: Type.Optional(DurationMinutes),
  timeZone: Type.Optional(TimeZone),
}, { title: 'MaintenanceWindowChange', description: 'What is not named stays as it is. Default: an hour of one night of the week, UTC' })
export type MaintenanceWindowChange = Static<typeof MaintenanceWindowChange>
