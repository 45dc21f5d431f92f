import { listDeleted } from '../../../domain/backups.ts'
import { route } from '../../route.ts'
import { deletedDatabaseView } from '../../views/backup.ts'

export const list = route('deletedDatabases.list', async ({ domain, caller }) => ({
  status: 200,
  body: { items: (await listDeleted(domain, caller)).map(deletedDatabaseView), nextCursor: null },
}))
