import type { DatabasePaths } from './paths.ts'
import { readLog } from './logs.ts'
import { lastLines } from './process.ts'

/** Why a server that was started at `since` is not there: its last FATAL or PANIC, else the last line of its output. */
export async function whyItStopped(paths: DatabasePaths, since: Date): Promise<string> {
  const page = await readLog(paths.log, { from: since, severity: 'FATAL', limit: 1 })
  const [record] = page.records
  if (record)
    return [record.message, record.hint].filter(Boolean).join(' ')
  const line = await lastLines(paths.serverLog, 1)
  return line === ''
    ? 'The server ended without a word.'
    : line.replace(/^.*?(?:FATAL|PANIC|ERROR|LOG): +/, '')
}
