import type { Domain } from '../domain/domain.ts'
import { beginScheduled } from '../domain/begin-scheduled.ts'
import { dueScheduled } from '../store/operations.ts'

/** Begins the changes whose maintenance window is open. Any number of workers may look; each change begins once. */
export async function beginDueMaintenance(domain: Domain): Promise<void> {
  for (const { project, ...operation } of await dueScheduled(domain.store.db, [...domain.engines.keys()])) {
    try {
      await beginScheduled(domain, project, operation)
    }
    catch (error) {
      domain.log.warn({ err: error, operation: operation.id }, 'a change that is due could not be begun; trying again')
    }
  }
}
