import { revealConnection } from '../../../domain/connection.ts'
import { route } from '../../route.ts'

export const connection = route('databases.connection', async ({ domain, caller, params, query }) => {
  const found = await revealConnection(domain, caller, params.name, query)
  if (query.format && query.format !== 'json')
    // One bare text, for `$(curl …)`; the contract lists text/plain beside JSON.
    return { status: 200, body: `${found.formats[query.format]}\n` as never, type: 'text/plain; charset=utf-8' }
  return { status: 200, body: found }
})
