import { diagnose as diagnoseDatabase } from '../../../domain/diagnose.ts'
import { route } from '../../route.ts'

export const diagnose = route('databases.diagnose', async ({ domain, caller, params, query }) => ({
  status: 200,
  body: await diagnoseDatabase(domain, caller, params.name, query),
}))
