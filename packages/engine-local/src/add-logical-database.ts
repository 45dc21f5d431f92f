import type { LogicalDatabaseSpec } from '@howdah/engine'
import type { Managed } from './ensure.ts'
import { ensureLogicalDatabase } from '@howdah/postgres'
import { hasTemplateDatabase, makeTemplateDatabase } from './template-database.ts'

/** The first one that is added takes longer: our monitoring steps aside while a template for it and all others is made. */
export async function addLogicalDatabase({ db, supervisor }: Managed, wanted: LogicalDatabaseSpec): Promise<void> {
  if (!await hasTemplateDatabase(db)) {
    // A login of our monitoring that is under way ends at once.
    db.isPlanned = true
    // PostgreSQL copies no database that somebody is in.
    db.takeSession()?.close()
    try {
      await supervisor.detach()
      await makeTemplateDatabase(db, db.main)
    }
    finally {
      db.isPlanned = false
      // Nobody who asks for a logical database has to wait for that.
      void supervisor.tendSoon().catch(() => supervisor.recover('NotAnswering', 'The server does not answer.'))
    }
  }
  await ensureLogicalDatabase(db, wanted)
}
