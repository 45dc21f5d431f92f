import { createRestorePoint } from '../../../domain/backups.ts'
import { remember } from '../../../domain/idempotency.ts'
import { route } from '../../route.ts'
import { restorePointView } from '../../views/backup.ts'

export const create = route('restorePoints.create', async ({ domain, caller, params, body, idempotency }) => {
  const headers = { Location: `/api/databases/${params.name}/restore-points` }
  const point = await createRestorePoint(domain, caller, params.name, body, remember(domain, idempotency, value => ({
    status: 201,
    body: restorePointView(value),
    headers,
  })))
  return { status: 201, body: restorePointView(point), headers }
})
