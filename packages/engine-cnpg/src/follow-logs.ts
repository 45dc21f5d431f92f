import type { LogQuery, LogRecord } from '@howdah/engine'
import type { Database } from './database.ts'
import type { Installation } from './installation.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { matchesLogQuery } from '@howdah/postgres'
import { linesOf } from './kubernetes/lines.ts'
import { pathOf, resources } from './kubernetes/objects.ts'
import { parseLine } from './log-record.ts'

/** Between two attempts to read an instance that is being replaced or whose log ended. */
const tryAgainMs = 1_000
/** Records that wait for a slow reader; the oldest go first. */
const mostWaiting = 10_000

/** Records of all instances as they are written, from now on; instances that come later are heard too. */
export async function* followLogs(installation: Installation, db: Database, query: Pick<LogQuery, 'severity' | 'contains'>, outer: AbortSignal): AsyncGenerator<LogRecord> {
  const ended = new AbortController()
  const signal = AbortSignal.any([outer, ended.signal])
  const waiting: LogRecord[] = []
  let news = Promise.withResolvers<void>()
  const followed = new Set<string>()
  const wake = (): void => news.resolve()
  const followNew = (): void => {
    for (const { isInstance, name } of signal.aborted ? [] : db.seen.pods) {
      if (isInstance && !followed.has(name)) {
        followed.add(name)
        void followMember(installation, db, { member: name, since: new Date(), signal }, take)
      }
    }
  }
  function take(record: LogRecord): void {
    if (!matchesLogQuery(record, query))
      return
    waiting.push(record)
    if (waiting.length > mostWaiting)
      waiting.shift()
    wake()
  }
  const stopListening = installation.pods.onChange(followNew)
  signal.addEventListener('abort', wake)
  try {
    followNew()
    while (!signal.aborted) {
      await news.promise
      news = Promise.withResolvers()
      if (signal.aborted)
        return
      for (let record = waiting.shift(); record; record = waiting.shift()) {
        yield record
        if (signal.aborted)
          return
      }
    }
  }
  finally {
    ended.abort()
    stopListening()
  }
}

/** One instance until the signal aborts; its log begins anew with each restart of its pod. */
async function followMember({ api, log }: Installation, { namespace }: Database, place: { readonly member: string, readonly since: Date, readonly signal: AbortSignal }, take: (record: LogRecord) => void): Promise<void> {
  const { member, signal } = place
  let newest = place.since
  let seen = new Set<string>()
  while (!signal.aborted) {
    try {
      const stream = await api.stream(`${pathOf(resources.pod, { namespace, name: member })}/log`, {
        query: { container: 'postgres', follow: 'true', sinceTime: newest.toISOString() },
        signal,
      })
      for await (const line of linesOf(stream)) {
        const found = parseLine(member, line)
        const key = found && `${found.session}:${found.line}`
        // Times of the log have whole seconds to the API: what was heard comes again.
        if (!found || key === undefined || found.record.at < place.since || seen.has(key))
          continue
        if (found.record.at.getTime() - newest.getTime() > 2_000)
          seen = new Set()
        seen.add(key)
        newest = found.record.at > newest ? found.record.at : newest
        take(found.record)
      }
    }
    catch (error) {
      if (signal.aborted)
        return
      log.debug({ err: error, member }, 'the log of an instance cannot be followed now')
    }
    // Aborting ends the wait, and the loop.
    await delay(tryAgainMs, undefined, { signal, ref: false }).catch(() => {})
  }
}
