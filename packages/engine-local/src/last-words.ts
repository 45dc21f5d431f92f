import type { DatabasePaths } from './paths.ts'
import { statfs } from 'node:fs/promises'
import { readIfThere } from '@howdah/machine'
import { readLogs } from './logs.ts'

/** Why a server that was started at `since` is not there: what it said before its log was open, else the last FATAL of its log. */
export async function whyItStopped(paths: DatabasePaths, since: Date): Promise<string> {
  const early = await readIfThere(paths.serverLog) ?? ''
  const fatal = early.split('\n').findLast(line => /(?:FATAL|PANIC): /.test(line))
  if (fatal !== undefined)
    return withoutPrefix(fatal)
  const { records: [record] } = await readLogs([{ member: '', folder: paths.log }], { from: since, severity: 'FATAL', limit: 1 })
  if (record)
    return [record.message, record.hint].filter(Boolean).join(' ')
  // That it goes on in a file of its own is no reason to end.
  const said = early.trimEnd().split('\n').findLast(line => !/(?:LOG|HINT|DETAIL): /.test(line))
  return withoutPrefix(said ?? '') || await whyItSaidNothing(paths)
}

/** Room for less than one WAL segment: a server cannot start, and may not even be able to say so. */
const tooLittleBytes = 16 * 2 ** 20

async function whyItSaidNothing(paths: DatabasePaths): Promise<string> {
  const { bavail, bsize } = await statfs(paths.root)
  return bavail * bsize < tooLittleBytes ? 'No space left on device.' : 'The server ended without a word.'
}

/** Without time and process number. */
function withoutPrefix(line: string): string {
  return line.replace(/^.*?(?:FATAL|PANIC|ERROR|LOG): +/, '')
}
