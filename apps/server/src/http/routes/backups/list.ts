import { listBackups } from '../../../domain/backups.ts'
import { route } from '../../route.ts'
import { backupView } from '../../views/backup.ts'

export const list = route('backups.list', async ({ domain, caller, params }) => ({
  status: 200,
  body: { items: (await listBackups(domain, caller, params.name)).map(backupView), nextCursor: null },
}))
