import { listRestorePoints } from '../../../domain/backups.ts'
import { route } from '../../route.ts'
import { restorePointView } from '../../views/backup.ts'

export const list = route('restorePoints.list', async ({ domain, caller, params }) => ({
  status: 200,
  body: { items: (await listRestorePoints(domain, caller, params.name)).map(restorePointView), nextCursor: null },
}))
