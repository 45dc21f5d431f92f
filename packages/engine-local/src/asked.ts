import type { Server } from '@howdah/postgres'
import type { Database } from './database.ts'
import { EngineError } from '@howdah/engine'
import { maintenanceDatabase } from '@howdah/postgres'

/** The server of a database for whoever asks one question at a time and changes nothing: where a session is open already, no other logs in first. */
export function asked(db: Database): Server {
  return {
    get main() {
      return db.main
    },
    get owner() {
      return db.owner
    },
    systemRoles: db.systemRoles,
    async asSuperuser(database, work) {
      const open = database === maintenanceDatabase ? db.openSession : undefined
      if (!open)
        return await db.asSuperuser(database, work)
      try {
        return await work(open)
      }
      catch (error) {
        if (!(error instanceof EngineError && error.code === 'unavailable'))
          throw error
        // It was at its end.
        return await db.asSuperuser(database, work)
      }
    },
  }
}
