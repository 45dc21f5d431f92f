import type { LogQuery, LogRecord } from '@howdah/engine'
import type { MemberLog } from './logs.ts'
import { watch } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { matchesLogQuery } from '@howdah/postgres'
import { parseRecord } from './log-record.ts'
import { logFiles, readAt } from './logs.ts'

/** Looked at this often even when the file system says nothing: some tell late, and a folder may not exist yet. */
const lookEveryMs = 1_000
const chunkBytes = 256 * 1024

/** Records as these instances write them, each oldest first, from now on. */
export async function* followLogs(logs: readonly MemberLog[], query: Pick<LogQuery, 'severity' | 'contains' | 'member'>, signal: AbortSignal): AsyncGenerator<LogRecord> {
  const following = logs.filter(({ member }) => query.member === undefined || member === query.member).map(log => followLog(log, query, signal))
  const waiting = new Map(following.map(log => [log, log.next()]))
  while (waiting.size > 0) {
    const { log, result } = await Promise.race([...waiting].map(async ([log, next]) => ({ log, result: await next })))
    if (result.done) {
      waiting.delete(log)
      continue
    }
    waiting.set(log, log.next())
    yield result.value
  }
}

async function* followLog({ folder, member }: MemberLog, query: Pick<LogQuery, 'severity' | 'contains' | 'member'>, signal: AbortSignal): AsyncGenerator<LogRecord> {
  let [file, offset] = await endOf(folder)
  while (!signal.aborted) {
    const files = await logFiles(folder)
    if (file === undefined || !files.includes(file)) {
      [file, offset] = [
        files.find(name => file === undefined || name > file),
        0,
      ]
    }
    let isIdle = true
    if (file !== undefined) {
      const piece = await completeLines(join(folder, file), offset)
      for (const text of splitRecords(file, piece.text)) {
        const record = parseRecord(file, text, member)
        if (record && matchesLogQuery(record, query))
          yield record
        if (signal.aborted)
          return
      }
      offset += piece.bytes
      const next = files.find(name => name > (file ?? ''))
      isIdle = piece.bytes === 0 && next === undefined
      if (piece.bytes === 0 && next !== undefined)
        [file, offset] = [next, 0]
    }
    if (isIdle)
      await somethingHappens(folder, signal)
  }
}

async function endOf(folder: string): Promise<[string | undefined, number]> {
  const file = (await logFiles(folder)).at(-1)
  return file === undefined
    ? [undefined, 0]
    : [file, (await stat(join(folder, file))).size]
}

/** What was written since, up to the last line break. */
async function completeLines(path: string, offset: number): Promise<{ text: string, bytes: number }> {
  const file = await open(path, 'r')
  try {
    const bytes = await readAt(file, offset, chunkBytes)
    const end = bytes.lastIndexOf(10) + 1
    return {
      text: bytes.toString('utf8', 0, end),
      bytes: end,
    }
  }
  finally {
    await file.close()
  }
}

/** A record of `csvlog` may have line breaks in its fields; the next one begins with a time. */
function splitRecords(file: string, text: string): string[] {
  const separator = file.endsWith('.csv')
    ? /\n(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC,)/
    : /\n/
  return text.trimEnd().split(separator).filter(line => line !== '')
}

async function somethingHappens(folder: string, signal: AbortSignal): Promise<void> {
  const happened = Promise.withResolvers<void>()
  const done = (): void => happened.resolve()
  const timer = setTimeout(done, lookEveryMs)
  const watcher = watchFolder(folder, done)
  signal.addEventListener('abort', done, { once: true })
  await happened.promise
  clearTimeout(timer)
  signal.removeEventListener('abort', done)
  watcher?.close()
}

function watchFolder(folder: string, changed: () => void): ReturnType<typeof watch> | undefined {
  try {
    // The timer looks again in any case, so a watch that fails is only slower.
    return watch(folder, changed).on('error', changed)
  }
  catch (error) {
    if (error instanceof Error && 'code' in error)
      return undefined
    throw error
  }
}
