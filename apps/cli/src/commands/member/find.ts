import type { Person, ProjectMember } from '@howdah/sdk'
import type { Context } from '../../context.ts'
import { Missing } from '../../missing.ts'

/** The API knows people by id, people know each other by e-mail. */
export async function findMember(context: Context, project: string, email: string): Promise<ProjectMember> {
  for await (const member of (await context.client()).members.list(project, { signal: context.terminal.signal })) {
    if (isSame(member.user, email))
      return member
  }
  throw new Missing(`${email} is not a member of ${project}`, 'See `howdah member list`.')
}

export async function findPerson(context: Context, email: string): Promise<Person> {
  for await (const person of (await context.client()).people.list({ signal: context.terminal.signal })) {
    if (isSame(person, email))
      return person
  }
  throw new Missing(`There is no person ${email}`, 'See `howdah person list`.')
}

function isSame(user: { readonly id: string, readonly email: string }, word: string): boolean {
  return user.id === word || user.email.toLowerCase() === word.toLowerCase()
}
