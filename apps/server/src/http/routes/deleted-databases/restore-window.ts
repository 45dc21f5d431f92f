import { readDeletedWindow } from '../../../domain/backups.ts'
import { route } from '../../route.ts'

export const deletedRestoreWindow = route('deletedDatabases.restoreWindow', async ({ domain, caller, params }) => ({
  status: 200,
  body: await readDeletedWindow(domain, caller, params.id),
}))
