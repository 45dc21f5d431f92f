import type { LogPage, LogQuery, LogRecord } from '@howdah/engine'
import type { FileHandle } from 'node:fs/promises'
import type { Database } from './database.ts'
import { Buffer } from 'node:buffer'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '@howdah/engine'
import { hasCode } from '@howdah/machine'
import { matchesLogQuery } from '@howdah/postgres'
import { parseRecord } from './log-record.ts'

/** Largest piece read at a time, backwards. */
const chunkBytes = 64 * 1024
/** A record longer than this is cut: nobody pages through megabytes of one statement. */
const longestRecordBytes = 4 * 1024 * 1024
/** Processes take the time of a record before they write it, side by side: what is newer may stand this far before what is older. */
const disorderMs = 1000

/** Place in a log: everything before `offset` of `file`, and all older files. */
interface Position {
  readonly file: string
  readonly offset: number
}

/** Where an instance writes. */
export interface MemberLog {
  readonly member: string
  readonly folder: string
}

/** Of every instance of a database. */
export function logsOf(db: Database): MemberLog[] {
  return db.instances.map(({ ordinal, paths }) => ({ member: db.memberName(ordinal), folder: paths.log }))
}

interface Found extends Position {
  readonly record: LogRecord
  /** Where it ends. */
  readonly end: number
}

/** A page of the logs of these instances as one, newest first. Reads backwards, and no further than it must. */
export async function readLogs(logs: readonly MemberLog[], query: LogQuery): Promise<LogPage> {
  const before = query.cursor === undefined ? undefined : parseCursor(query.cursor)
  const readers = logs.filter(({ member }) => query.member === undefined || member === query.member)
    .map(log => ({ log, found: before && !before.get(log.member) ? nothing() : recordsOf(log, query, before?.get(log.member)) }))
  const heads = await Promise.all(readers.map(async ({ found, log }) => ({ found, member: log.member, next: (await found.next()).value as Found | undefined })))
  const positions = new Map(heads.map(({ member, next }) => [member, next && { file: next.file, offset: next.end }]))
  const records: LogRecord[] = []
  while (records.length < query.limit) {
    const head = heads.reduce<typeof heads[number] | undefined>((newest, head) => head.next && !(newest?.next && newest.next.record.at >= head.next.record.at) ? head : newest, undefined)
    if (!head?.next)
      return { records, nextCursor: null }
    records.push(head.next.record)
    positions.set(head.member, head.next)
    head.next = (await head.found.next()).value as Found | undefined // a generator ends with nothing
  }
  await Promise.all(heads.map(async ({ found }) => await found.return(undefined)))
  return { records, nextCursor: cursorOf(positions) }
}

async function* nothing(): AsyncGenerator<Found, undefined> {
  return undefined
}

async function* recordsOf({ folder, member }: MemberLog, query: LogQuery, start: Position | undefined): AsyncGenerator<Found, undefined> {
  const files = await logFiles(folder)
  for (const file of files.filter(name => start === undefined || name <= start.file).reverse()) {
    const path = join(folder, file)
    let end = start?.file === file
      ? start.offset
      : (await stat(path)).size
    for await (const { text, offset } of recordsBackwards(path, end)) {
      const record = parseRecord(file, text, member)
      if (record && query.from && +record.at < +query.from - disorderMs)
        return undefined
      if (record && matchesLogQuery(record, query) && !(query.from && record.at < query.from))
        yield { record, file, offset, end }
      end = offset
    }
  }
  return undefined
}

/** Oldest first; names carry the time of their beginning. */
export async function logFiles(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter(name => /^postgresql-.*\.(?:json|csv)$/.test(name)).sort()
  }
  catch (error) {
    if (hasCode(error, 'ENOENT'))
      return []
    throw error
  }
}

/** Complete records from `end` to the beginning of the file, with the offset where each begins. */
async function* recordsBackwards(path: string, end: number): AsyncGenerator<{ text: string, offset: number }> {
  const file = await open(path, 'r')
  const isStart = path.endsWith('.csv')
    ? isCsvStart
    : isJsonStart
  try {
    let position = end
    // What was read and not answered yet; it begins at `position`. Line starts beyond `known` begin no record.
    let pending = Buffer.alloc(0)
    let known = 0
    for (;;) {
      const start = lastStart(pending, known, position === 0, isStart)
      if (start !== undefined) {
        yield {
          text: pending.toString('utf8', start).trimEnd(),
          offset: position + start,
        }
        pending = pending.subarray(0, start)
        known = start - 1
      }
      else if (position > 0) {
        const size = Math.min(chunkBytes, position)
        position -= size
        pending = Buffer.concat([await readAt(file, position, size), pending]).subarray(0, longestRecordBytes)
        known = size
      }
      else {
        return
      }
    }
  }
  finally {
    await file.close()
  }
}

/** The last place at or before `known` where a record begins. */
function lastStart(bytes: Buffer, known: number, isWhole: boolean, isStart: (bytes: Buffer, at: number) => boolean): number | undefined {
  for (let at = known; at > 0; at--) {
    at = bytes.lastIndexOf(10, at - 1) + 1
    if (at === 0)
      break
    if (isStart(bytes, at))
      return at
  }
  return isWhole && known >= 0 && isStart(bytes, 0)
    ? 0
    : undefined
}

function isJsonStart(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0x7B
}

/** A line of a quoted CSV field may be anything; a record begins with its time. */
function isCsvStart(bytes: Buffer, at: number): boolean {
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC,/.test(bytes.toString('latin1', at, at + 28))
}

export async function readAt(file: FileHandle, position: number, size: number): Promise<Buffer> {
  const buffer = Buffer.alloc(size)
  const { bytesRead } = await file.read(buffer, 0, size, position)
  return buffer.subarray(0, bytesRead)
}

/** One line for each instance: where its next older record ends. */
function cursorOf(positions: ReadonlyMap<string, Position | undefined>): string {
  return Buffer.from([...positions].map(([member, position]) => `${member} ${position ? `${position.file}:${position.offset}` : '-'}`).join('\n')).toString('base64url')
}

function parseCursor(cursor: string): ReadonlyMap<string, Position | undefined> {
  return new Map(Buffer.from(cursor, 'base64url').toString().split('\n').map((line) => {
    const [, member, isEmpty, file, offset] = /^([a-z0-9-]{1,50}) (?:(-)|(postgresql-[\w-]+\.(?:json|csv)):(\d{1,15}))$/.exec(line) ?? []
    if (member === undefined || (isEmpty === undefined && file === undefined))
      throw new EngineError('invalid', 'This cursor is not from an earlier page of this log.', { pointer: '/cursor' })
    return [member, file === undefined ? undefined : { file, offset: Number(offset) }]
  }))
}
