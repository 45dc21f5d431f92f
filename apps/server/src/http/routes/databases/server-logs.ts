import type { LogRecord as WireLogRecord } from '@howdah/contract'
import type { LogRecord } from '@howdah/engine'
import { engineOf, refOf } from '../../../domain/database-spec.ts'
import { getDatabase } from '../../../domain/databases.ts'
import { invalid } from '../../../domain/errors.ts'
import { asFailure } from '../../../domain/failures.ts'
import { route } from '../../route.ts'
import { openSse } from '../../sse.ts'

export const serverLogs = route('databases.serverLogs', async ({ domain, services, caller, params, query, request, reply }) => {
  const database = await getDatabase(domain, caller, params.name)
  const engine = engineOf(domain, database.location)
  const ref = refOf(caller.principal.project, database)
  const filter = {
    ...(query.severity === undefined
      ? {}
      : { severity: query.severity }),
    ...(query.contains === undefined
      ? {}
      : { contains: query.contains }),
    ...(query.member === undefined
      ? {}
      : { member: query.member }),
  }

  if (request.headers.accept?.includes('text/event-stream')) {
    const stream = openSse(request, reply, services, 'logs.read')
    void (async () => {
      for await (const record of engine.followLogs(ref, filter, stream.signal)) {
        stream.send({
          event: 'record',
          data: view(record),
        })
      }
    })().catch((error: unknown) => request.log.warn({ err: error }, 'a server log could not be followed')).finally(stream.close)
    return undefined
  }

  const page = await engine.logs(ref, {
    ...filter,
    ...(query.from === undefined
      ? {}
      : {
          from: new Date(query.from),
        }),
    ...(query.to === undefined
      ? {}
      : {
          to: new Date(query.to),
        }),
    ...(query.cursor === undefined
      ? {}
      : { cursor: query.cursor }),
    limit: query.limit ?? 100,
  }).catch(asParameter)
  return {
    status: 200,
    body: {
      items: page.records.map(view),
      nextCursor: page.nextCursor,
    },
  }
})

/** The engine names what is wrong with its query; to the caller that is a parameter. */
function asParameter(error: unknown): never {
  const failure = asFailure(error)
  if (failure?.errors[0]?.pointer === '/cursor')
    throw invalid('?cursor', failure.message)
  throw error
}

function view(record: LogRecord): WireLogRecord {
  return {
    ...record,
    at: record.at.toISOString(),
  }
}
