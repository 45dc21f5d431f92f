import { readSchemaDiff } from '../../../domain/schema-diff.ts'
import { route } from '../../route.ts'

export const schemaDiff = route('databases.schemaDiff', async ({ domain, caller, params, query }) => ({
  status: 200,
  body: await readSchemaDiff(domain, caller, params.name, query),
}))
