import { readRestoreWindow } from '../../../domain/backups.ts'
import { route } from '../../route.ts'

export const restoreWindow = route('databases.restoreWindow', async ({ domain, caller, params }) => ({
  status: 200,
  body: await readRestoreWindow(domain, caller, params.name),
}))
