import type { Domain } from './domain.ts'
import type { Passwords } from './passwords.ts'
import { randomUUID } from 'node:crypto'
import { findInstallationId, insertInstallation, lockInstallation } from '../store/installation.ts'
import { insertMember } from '../store/members.ts'
import { insertPerson } from '../store/people.ts'
import { insertProject } from '../store/projects.ts'
import { change, system } from './change.ts'
import { generatePassword } from './sealed.ts'

/** What the first start made; later starts find it there. */
export interface Installation {
  readonly id: string
  /** Only from the start that made it, and only when no password was configured: to be shown once. */
  readonly generatedPassword: string | undefined
}

const firstProject = 'default'

/** The first start makes the installation, its first project and the operator. Any number of processes may start at once. */
export async function prepareInstallation(domain: Domain, passwords: Passwords, admin: { email: string, password: string | undefined }): Promise<Installation> {
  const present = await findInstallationId(domain.store.db)
  if (present !== undefined)
    return { id: present, generatedPassword: undefined }
  const password = admin.password ?? generatePassword()
  // Before the lock: it takes longer than everything under it.
  const passwordHash = await passwords.hash(password)
  const project = {
    id: randomUUID(),
    name: firstProject,
  }
  return await change(domain, project, system, async ({ tx, audit }) => {
    await lockInstallation(tx)
    const other = await findInstallationId(tx)
    if (other !== undefined)
      return { id: other, generatedPassword: undefined }
    const id = randomUUID()
    const person = {
      id: randomUUID(),
      email: admin.email,
    }
    await insertInstallation(tx, id)
    await insertProject(tx, project)
    await insertPerson(tx, {
      ...person,
      name: 'Administrator',
      password_hash: passwordHash,
      is_operator: true,
      last_project_id: project.id,
    })
    await insertMember(tx, project.id, person.id, 'admin')
    audit({ action: 'projects.create', target: `project/${project.name}` })
    audit({
      action: 'people.create',
      target: `person/${person.email}`,
      changes: {
        isOperator: { from: null, to: true },
      },
    })
    audit({
      action: 'members.add',
      target: `member/${person.email}`,
      changes: {
        role: { from: null, to: 'admin' },
      },
    })
    return {
      id,
      generatedPassword: admin.password === undefined
        ? password
        : undefined,
    }
  })
}
