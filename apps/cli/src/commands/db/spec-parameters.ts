import type { Database, DatabaseCreate } from '@howdah/sdk'
import type { Input } from '../../command.ts'
import { given } from '../../given.ts'
import { choice, flag, list, option, pairs, text } from '../../input/parameters.ts'
import { decimal, duration, gibibytes, integer, mebibytes } from '../../input/values.ts'

/** What both `create` and `update` can set. */
export const specParameters = {
  storage: option('--storage <size>', 'storage, in GiB or like 100GiB', gibibytes, { field: '/storageGib' }),
  memory: option('--memory <size>', 'memory, in MiB or like 2GiB', mebibytes, { field: '/memoryMib' }),
  cpu: option('--cpu <cores>', 'cores; fractions are allowed', decimal, { field: '/cpu' }),
  instances: option('--instances <count>', 'PostgreSQL servers: the primary and its replicas', integer, { field: '/instances' }),
  durability: choice('--durability <mode>', 'whether a commit waits for a replica', ['async', 'sync'], { field: '/durability' }),
  label: pairs('--label <key=value>', 'label; may be repeated', { field: '/labels' }),
  param: pairs('--param <name=value>', 'PostgreSQL parameter; may be repeated', { field: '/parameters' }),
  extension: list('--extension <name>', 'extension that is on; may be repeated', { field: '/extensions' }),
  allowCidr: list('--allow-cidr <network>', 'network that may connect, or none; may be repeated', { field: '/allowedCidrs' }),
  backupSchedule: text('--backup-schedule <cron>', 'when backups are taken, such as "30 2 * * *", or none', { field: '/backup/schedule' }),
  drillSchedule: text('--drill-schedule <cron>', 'when the newest backup is restored to prove it, or none', { field: '/backup/drillSchedule' }),
  backupTimeZone: text('--backup-time-zone <zone>', 'in which the schedules are meant, such as Europe/Berlin', { field: '/backup/timeZone' }),
  retention: option('--retention <days>', 'for so many days back it can be restored', integer, { field: '/backup/retentionDays' }),
  windowDay: list('--window-day <day>', 'day of the maintenance window, such as sunday; may be repeated', { field: '/maintenanceWindow/days' }),
  windowStart: text('--window-start <time>', 'when it begins, such as 03:00', { field: '/maintenanceWindow/start' }),
  windowDuration: option('--window-duration <duration>', 'for so long something may begin in it: 90m, 2h', duration, { field: '/maintenanceWindow/durationMinutes' }),
  windowTimeZone: text('--window-time-zone <zone>', 'in which it is meant, such as Europe/Berlin', { field: '/maintenanceWindow/timeZone' }),
  protect: flag('--protect', 'refuse to delete it', { field: '/deletionProtection' }),
}

/** What only something new can be given: a database that is there has no age to count from. */
export const lifetimeParameters = {
  expiresIn: option('--expires-in <duration>', 'it is deleted after this time: 2h, 7d', duration, { field: '/expiresAt' }),
}

type Asked = Input<typeof specParameters & typeof lifetimeParameters>

/** What a request for a new database says of it. */
export function specFields(input: Asked, now: number): Omit<DatabaseCreate, 'name'> {
  return given({
    storageGib: input.storage,
    memoryMib: input.memory,
    cpu: input.cpu,
    instances: input.instances,
    durability: input.durability,
    labels: input.label,
    parameters: input.param,
    extensions: input.extension && [...input.extension],
    allowedCidrs: networks(input.allowCidr),
    backup: backupPolicy(input),
    maintenanceWindow: maintenanceWindow(input),
    expiresAt: input.expiresIn === undefined ? undefined : new Date(now + input.expiresIn).toISOString(),
    deletionProtection: input.protect,
  })
}

/** `--allow-cidr none` is how nobody is written. */
export function networks(words: readonly string[] | undefined): string[] | undefined {
  return words && words.filter(word => word !== 'none')
}

/** `--backup-schedule none` is how "only when asked for" is written. */
export function backupPolicy({ backupSchedule, backupTimeZone, drillSchedule, retention }: Pick<Input<typeof specParameters>, 'backupSchedule' | 'backupTimeZone' | 'drillSchedule' | 'retention'>) {
  const policy = given({ schedule: backupSchedule === 'none' ? null : backupSchedule, drillSchedule: drillSchedule === 'none' ? null : drillSchedule, timeZone: backupTimeZone, retentionDays: retention })
  return Object.keys(policy).length > 0 ? policy : undefined
}

export function maintenanceWindow({ windowDay, windowDuration, windowStart, windowTimeZone }: Pick<Input<typeof specParameters>, 'windowDay' | 'windowDuration' | 'windowStart' | 'windowTimeZone'>) {
  // Which words are days is the server's to say.
  const days = windowDay && [...windowDay] as Database['maintenanceWindow']['days']
  const window = given({ days, start: windowStart, durationMinutes: windowDuration === undefined ? undefined : Math.round(windowDuration / 60_000), timeZone: windowTimeZone })
  return Object.keys(window).length > 0 ? window : undefined
}
