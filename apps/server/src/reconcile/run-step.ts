import type { OperationType } from '@howdah/contract'
import type { Progress } from '@howdah/engine'
import type { Domain } from '../domain/domain.ts'
import type { DatabaseUserRow } from '../store/database-users.ts'
import type { DatabaseRow } from '../store/databases.ts'
import type { OperationRow } from '../store/operations.ts'
import { engineOf, openPassword, refOf, specOf } from '../domain/database-spec.ts'
import { allButVolumes } from '../domain/delete-database.ts'
import { findDatabaseUser, findDb } from '../store/database-users.ts'
import { rememberDeleted } from './kept-archives.ts'
import { noteDrill } from './note-drill.ts'
import { stepInPlace } from './restore-in-place.ts'
import { takeOver } from './take-over.ts'

interface Project { readonly id: string, readonly name: string }

/** What an operation is about, as the store has it. */
export interface Target {
  readonly database: DatabaseRow
  readonly owner: DatabaseUserRow | undefined
}

const done: Progress = { outcome: 'done' }

/**
 * One bounded step of an operation. Every step compares what is wanted with what is there, so any of them may be run
 * again, by this worker or another one, after a kill at any point.
 */
export async function runStep(domain: Domain, project: Project, operation: OperationRow, { database, owner }: Target): Promise<Progress> {
  const engine = engineOf(domain, operation.location)
  const ref = refOf(project, database)
  // The contract's closed set; nothing else is ever inserted.
  const type = operation.type as OperationType
  switch (type) {
    case 'database.create':
    case 'database.update':
    case 'database.restart':
    case 'database.hibernate':
    case 'database.resume':
    case 'database.rotate-credentials': {
      // Nothing else is begun with one of these (see holdToGit).
      if (database.managed_by === 'git')
        return await engine.restart(ref, { id: operation.id })
      if (!owner)
        return failed('OwnerMissing', 'The record of the database\'s owner is missing.', 'Tell the operator of the platform.')
      const progress = await engine.ensure(specOf(domain, project, database, owner, { useNextPassword: type === 'database.rotate-credentials' }))
      return progress.outcome === 'done' && database.origin ? takeOver(domain, project, database, engine, 'new') : progress
    }
    case 'database.switchover':
      return await engine.switchOver(ref, { id: operation.id, ...operation.target === '' ? {} : { to: operation.target } })
    case 'database.restore':
    case 'database.undo-restore':
    case 'database.reset':
    case 'database.upgrade':
      return await stepInPlace(domain, project, operation, { database, owner }, engine)
    case 'database.delete': {
      const progress = await engine.destroy(ref, { keepVolumes: operation.target === allButVolumes })
      if (progress.outcome === 'done')
        await rememberDeleted(domain, project, database, engine)
      return progress
    }
    case 'user.create':
    case 'user.update': {
      const user = await findDatabaseUser(domain.store.db, database.id, operation.target)
      if (!user)
        return done
      await engine.ensureRole(ref, {
        name: user.name,
        password: openPassword(domain, project, database.id, user.name, user.next_password ?? user.password),
        // The contract's enum is what was written.
        access: user.access as 'owner' | 'read-write' | 'read-only' | 'none',
        connectionLimit: user.connection_limit,
      })
      return done
    }
    case 'user.delete':
      await engine.dropRole(ref, operation.target)
      return done
    case 'db.create': {
      const db = await findDb(domain.store.db, database.id, operation.target)
      if (db)
        await engine.ensureLogicalDatabase(ref, { name: db.name, owner: db.owner })
      return done
    }
    case 'db.delete':
      await engine.dropLogicalDatabase(ref, operation.target)
      return done
    case 'backup.create': {
      const progress = await engine.takeBackup(ref, operation.target, operation.restore && 'method' in operation.restore ? operation.restore.method : 'archive')
      // Only now, so that whatever goes has a successor.
      if (progress.outcome === 'done' && database.backup)
        await engine.expireBackups(ref, new Date(Date.now() - database.backup.retentionDays * 86_400_000))
      return progress
    }
    case 'backup.drill': {
      const progress = await engine.drillBackup(ref, operation.target)
      if (progress.outcome === 'done' || progress.outcome === 'failed')
        await noteDrill(domain, project, database, engine, operation.target)
      return progress
    }
    case 'upgrade.rehearse':
      return operation.restore && 'upgrade' in operation.restore
        ? await engine.rehearseUpgrade(ref, { id: operation.id, version: operation.restore.upgrade })
        : failed('RecordMissing', 'The record of what is to be rehearsed is missing.', 'Tell the operator of the platform.')
    case 'backup.delete':
      await engine.deleteBackup(ref, operation.target)
      return done
  }
}

function failed(reason: string, message: string, nextStep: string): Progress {
  return {
    outcome: 'failed',
    step: '',
    reason,
    message,
    nextStep,
  }
}
