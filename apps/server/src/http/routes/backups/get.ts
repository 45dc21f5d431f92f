import { getBackup } from '../../../domain/backups.ts'
import { route } from '../../route.ts'
import { backupView } from '../../views/backup.ts'

export const get = route('backups.get', async ({ domain, caller, params }) => ({
  status: 200,
  body: backupView(await getBackup(domain, caller, params.name, params.backup)),
}))
