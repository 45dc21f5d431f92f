import type { LogPage, LogQuery, LogRecord } from './logs.ts'
import { EngineError } from './errors.ts'
import { logSeverities } from './logs.ts'

/** The log of one fake database. */
export class FakeLog {
  readonly #now: () => Date
  readonly #member: string
  readonly #records: LogRecord[] = []
  readonly #followers = new Set<() => void>()
  #isEnded = false

  constructor(now: () => Date, member: string) {
    this.#now = now
    this.#member = member
  }

  write(record: Partial<LogRecord>): void {
    this.#records.push({
      at: this.#now(),
      severity: 'LOG',
      member: this.#member,
      message: '',
      user: null,
      database: null,
      pid: 1,
      application: null,
      remoteHost: null,
      sqlState: null,
      statement: null,
      detail: null,
      hint: null,
      backendType: 'postmaster',
      ...record,
    })
    this.#wake()
  }

  /** The database is gone, and whoever follows is told. */
  end(): void {
    this.#isEnded = true
    this.#wake()
  }

  page(query: LogQuery): LogPage {
    const before = query.cursor === undefined ? this.#records.length : Number(query.cursor)
    if (!Number.isInteger(before))
      throw new EngineError('invalid', 'This cursor is not from an earlier page of this log.', { pointer: '/cursor' })
    const found = this.#records
      .map((record, index) => ({ record, index }))
      .filter(({ record, index }) => index < before && isWithin(record, query) && matches(record, query))
      .reverse()
    const page = found.slice(0, query.limit)
    return {
      records: page.map(({ record }) => record),
      nextCursor: found.length > page.length ? String(page.at(-1)?.index) : null,
    }
  }

  async* follow(query: Pick<LogQuery, 'severity' | 'contains' | 'member'>, signal: AbortSignal): AsyncGenerator<LogRecord> {
    let next = this.#records.length
    while (!signal.aborted) {
      const record = this.#records[next]
      if (record) {
        next++
        if (matches(record, query))
          yield record
      }
      else if (this.#isEnded) {
        return
      }
      else {
        await this.#somethingHappens(signal)
      }
    }
  }

  async #somethingHappens(signal: AbortSignal): Promise<void> {
    const happened = Promise.withResolvers<void>()
    const wake = (): void => happened.resolve()
    this.#followers.add(wake)
    signal.addEventListener('abort', wake)
    await happened.promise
    this.#followers.delete(wake)
    signal.removeEventListener('abort', wake)
  }

  #wake(): void {
    for (const follower of this.#followers)
      follower()
  }
}

function isWithin(record: LogRecord, query: LogQuery): boolean {
  return (!query.from || record.at >= query.from) && (!query.to || record.at <= query.to)
}

function matches(record: LogRecord, query: Pick<LogQuery, 'severity' | 'contains' | 'member'>): boolean {
  const wanted = query.contains?.toLowerCase()
  return (query.member === undefined || record.member === query.member)
    && (!query.severity || logSeverities.indexOf(record.severity) >= logSeverities.indexOf(query.severity))
    && (wanted === undefined || [record.message, record.statement, record.detail].some(text => text?.toLowerCase().includes(wanted)))
}
