import type { LogRecord } from '@howdah/engine'
import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder, until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { followLogs } from './follow-logs.ts'
import { readLogs } from './logs.ts'

function json(second: number, change: object = {}): string {
  return `${JSON.stringify({ timestamp: `2026-01-01 00:00:${String(second).padStart(2, '0')}.000 UTC`, user: 'app', dbname: 'app', pid: 1, error_severity: 'LOG', state_code: '00000', message: `m${second}`, ...change })}\n`
}

function csv(second: number, message: string): string {
  const quoted = `"${message.replaceAll('"', '""')}"`
  return `2026-01-01 00:00:${String(second).padStart(2, '0')}.000 UTC,"app","db, with comma",7,"10.0.0.1:5000",abc,1,"idle",2026-01-01 00:00:00 UTC,1/1,0,ERROR,22012,${quoted},"detail",,,,,"select ""x"",\n 1",,,"psql","client backend",,0\n`
}

describe('the log of a server', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  beforeAll(async () => {
    folder = await temporaryFolder()
  })
  afterAll(async () => await folder.remove())

  async function write(name: string, files: Record<string, string>): Promise<string> {
    const path = join(folder.path, name)
    await mkdir(path, { recursive: true })
    for (const [file, text] of Object.entries(files))
      await writeFile(join(path, file), text)
    return path
  }

  async function all(path: string, limit: number): Promise<LogRecord[]> {
    const records: LogRecord[] = []
    let cursor: string | undefined
    do {
      const page = await readLogs([{ member: 'db-1', folder: path }], { limit, ...cursor === undefined ? {} : { cursor } })
      records.push(...page.records)
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    return records
  }

  it('is read backwards over files and pieces, with any size of page', async () => {
    const long = 'x'.repeat(70_000)
    const path = await write('json', {
      'postgresql-20260101-000000.json': json(1) + json(2, { message: long }) + json(3),
      'postgresql-20260101-000004.json': json(4) + json(5) + json(6, { message: `${long}${long}` }) + json(7),
      'postgresql-20260101-000004.log': 'not structured',
    })
    const seconds = [7, 6, 5, 4, 3, 2, 1]
    for (const limit of [1, 2, 3, 7, 100])
      expect((await all(path, limit)).map(record => record.at.getUTCSeconds()), `pages of ${limit}`).toEqual(seconds)
    expect((await readLogs([{ member: 'db-1', folder: path }], { limit: 10 })).records[1]?.message).toHaveLength(140_000)
  })

  it('of several instances is one, in the order of time, with any size of page, or that of one of them', async () => {
    const logs = await Promise.all(([[1, 4, 5, 8], [2, 3, 6], []] as const).map(async (seconds, index) => ({
      member: `db-${index + 1}`,
      folder: await write(`member-${index + 1}`, seconds.length === 0 ? {} : { 'postgresql-20260101-000000.json': seconds.map(second => json(second)).join('') }),
    })))
    async function all(limit: number, member?: string): Promise<string[]> {
      const found: string[] = []
      let cursor: string | undefined
      do {
        const page = await readLogs(logs, { limit, ...cursor === undefined ? {} : { cursor }, ...member === undefined ? {} : { member } })
        found.push(...page.records.map(({ at, member }) => `${at.getUTCSeconds()} ${member}`))
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined)
      return found
    }
    for (const limit of [1, 2, 3, 100])
      expect(await all(limit), `pages of ${limit}`).toEqual(['8 db-1', '6 db-2', '5 db-1', '4 db-1', '3 db-2', '2 db-2', '1 db-1'])
    expect(await all(2, 'db-2')).toEqual(['6 db-2', '3 db-2', '2 db-2'])
    // What is written between two pages belongs to neither.
    const { nextCursor } = await readLogs(logs, { limit: 2 })
    for (const { folder } of logs)
      await appendFile(join(folder, 'postgresql-20260101-000000.json'), json(9))
    expect((await readLogs(logs, { limit: 100, cursor: nextCursor ?? '' })).records.map(({ at }) => at.getUTCSeconds())).toEqual([5, 4, 3, 2, 1])
  })

  it('of version 14 (CSV) has commas, quotes and line breaks in its fields', async () => {
    const message = 'a, "b"\nline two\n2026-01-01 is no new record, UTC'
    const path = await write('csv', { 'postgresql-20260101-000000.csv': csv(1, 'first') + csv(2, message) + csv(3, 'third') })
    const records = await all(path, 1)
    expect(records.map(record => record.message)).toEqual(['third', message, 'first'])
    expect(records[1]).toMatchObject({
      severity: 'ERROR',
      user: 'app',
      database: 'db, with comma',
      pid: 7,
      remoteHost: '10.0.0.1',
      sqlState: '22012',
      detail: 'detail',
      statement: 'select "x",\n 1',
      application: 'psql',
      backendType: 'client backend',
    })
  })

  it('skips what is being written, and answers nothing where there is none', async () => {
    const path = await write('partial', { 'postgresql-20260101-000000.json': `${json(1)}{"timestamp":"2026-01-01 00:00:02.0` })
    expect((await all(path, 10)).map(record => record.message)).toEqual(['m1'])
    expect(await readLogs([{ member: 'db-1', folder: join(folder.path, 'none') }], { limit: 10 })).toEqual({ records: [], nextCursor: null })
  })

  it('is searched by time, severity and text', async () => {
    const path = await write('search', {
      'postgresql-20260101-000000.json': json(1) + json(2, { error_severity: 'ERROR', message: 'Division by zero', statement: 'select 1/0' }) + json(3, { error_severity: 'DEBUG2' }) + json(4, { error_severity: 'FATAL' }),
    })
    const found = async (query: object): Promise<number[]> => (await readLogs([{ member: 'db-1', folder: path }], { limit: 10, ...query })).records.map(record => record.at.getUTCSeconds())
    expect(await found({ severity: 'ERROR' })).toEqual([4, 2])
    expect(await found({ severity: 'LOG' })).toEqual([4, 2, 1])
    expect(await found({ contains: 'DIVISION' })).toEqual([2])
    expect(await found({ contains: '1/0' })).toEqual([2])
    expect(await found({ from: new Date('2026-01-01T00:00:02Z'), to: new Date('2026-01-01T00:00:03Z') })).toEqual([3, 2])
  })

  it('is read no further back than it is asked for, also where nothing is found', async () => {
    const path = await write('bounded', { 'postgresql-20260101-000005.json': json(6) + json(9) })
    await mkdir(join(path, 'postgresql-20260101-000000.json'))
    const from = new Date('2026-01-01T00:00:08Z')
    await expect(readLogs([{ member: 'db-1', folder: path }], { limit: 10, contains: 'not there' })).rejects.toThrow('EISDIR')
    expect(await readLogs([{ member: 'db-1', folder: path }], { limit: 10, from, contains: 'not there' })).toEqual({ records: [], nextCursor: null })
    expect((await readLogs([{ member: 'db-1', folder: path }], { limit: 10, from })).records.map(({ message }) => message)).toEqual(['m9'])
  })

  it('finds what was written a moment later than what is newer', async () => {
    const path = await write('disorder', { 'postgresql-20260101-000000.json': json(1) + json(5) + json(4) + json(6) })
    expect((await readLogs([{ member: 'db-1', folder: path }], { limit: 10, from: new Date('2026-01-01T00:00:05Z') })).records.map(({ message }) => message)).toEqual(['m6', 'm5'])
  })

  it('is followed into the next file', async () => {
    const path = await write('follow', { 'postgresql-20260101-000000.json': json(1) })
    const abort = new AbortController()
    const heard: string[] = []
    const following = (async () => {
      for await (const record of followLogs([{ member: 'db-1', folder: path }], {}, abort.signal))
        heard.push(record.message)
    })()
    await until(async () => {
      await appendFile(join(path, 'postgresql-20260101-000000.json'), json(2))
      return heard.includes('m2')
    }, { deadlineMs: 5_000 })
    await writeFile(join(path, 'postgresql-20260101-000005.json'), json(5))
    await until(() => heard.includes('m5'), { deadlineMs: 5_000 })
    await appendFile(join(path, 'postgresql-20260101-000005.json'), json(6).slice(0, 20))
    await appendFile(join(path, 'postgresql-20260101-000005.json'), json(6).slice(20))
    await until(() => heard.includes('m6'), { deadlineMs: 5_000 })
    abort.abort()
    await following
    expect(heard).not.toContain('m1')
    expect(heard.filter(message => message === 'm6')).toHaveLength(1)
  })
})
