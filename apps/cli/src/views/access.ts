import type { ApiKey, Person, Project, ProjectMember } from '@howdah/sdk'
import type { Column } from '../output/table.ts'
import type { Style, View } from '../output/view.ts'
import { age, gib, mib, time, yesNo } from '../output/format.ts'
import { detailView, listView } from '../output/view.ts'

export function projectList(projects: readonly Project[]): View {
  return listView(projects, ({ now }) => [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'ROLE', value: ({ role }) => role ?? '' },
    { title: 'DATABASES', value: ({ usage, quota }) => used(usage.databases, quota.databases), align: 'right' },
    { title: 'STORAGE', value: ({ usage, quota }) => used(usage.storageGib, quota.storageGib, gib), align: 'right', dispensable: 2 },
    { title: 'AGE', value: ({ createdAt }) => age(createdAt, now), align: 'right', dispensable: 1 },
    { title: 'DESCRIPTION', value: ({ description }) => description, narrowest: 12, dispensable: 3 },
  ], 'There is no project.')
}

export function projectDetails(project: Project): View {
  const { usage, quota } = project
  return detailView(project, () => [
    ['Name', project.name],
    ['Description', project.description],
    ['Your role', project.role ?? ''],
    ['Databases', used(usage.databases, quota.databases)],
    ['Storage', used(usage.storageGib, quota.storageGib, gib)],
    ['CPU', used(usage.cpu, quota.cpu)],
    ['Memory', used(usage.memoryMib, quota.memoryMib, mib)],
    ['Created', time(project.createdAt)],
  ])
}

function used(value: number, most: number | null, format: (count: number) => string = String): string {
  return most === null ? format(value) : `${format(value)} of ${format(most)}`
}

export function memberList(members: readonly ProjectMember[]): View {
  return listView(members, ({ now }) => [
    { title: 'E-MAIL', value: ({ user }) => user.email },
    { title: 'NAME', value: ({ user }) => user.name, narrowest: 8, dispensable: 2 },
    { title: 'ROLE', value: ({ role }) => role },
    { title: 'SINCE', value: ({ createdAt }) => age(createdAt, now), align: 'right', dispensable: 1 },
  ], 'There is no member.')
}

export function personList(people: readonly Person[]): View {
  return listView(people, personColumns, 'There is nobody.')
}

function personColumns({ now }: Style): Column<Person>[] {
  return [
    { title: 'E-MAIL', value: ({ email }) => email },
    { title: 'NAME', value: ({ name }) => name, narrowest: 8, dispensable: 3 },
    { title: 'OPERATOR', value: ({ isOperator }) => yesNo(isOperator) },
    { title: 'DISABLED', value: ({ isDisabled }) => yesNo(isDisabled), colour: ({ isDisabled }) => isDisabled ? 'yellow' : undefined },
    { title: 'LAST LOGIN', value: ({ lastLoginAt }) => lastLoginAt ? age(lastLoginAt, now) : 'never', align: 'right', dispensable: 2 },
    { title: 'AGE', value: ({ createdAt }) => age(createdAt, now), align: 'right', dispensable: 1 },
  ]
}

export function personDetails(person: Person): View {
  return detailView(person, () => [
    ['E-mail', person.email],
    ['Name', person.name],
    ['Password', person.password ? `${person.password}  (shown this once)` : ''],
    ['Operator', yesNo(person.isOperator)],
    ['Disabled', yesNo(person.isDisabled)],
    ['Last login', person.lastLoginAt ? time(person.lastLoginAt) : 'never'],
    ['Created', time(person.createdAt)],
  ])
}

export function apiKeyList(keys: readonly ApiKey[]): View {
  return listView(keys, ({ now }) => [
    { title: 'ID', value: ({ id }) => id },
    { title: 'NAME', value: ({ name }) => name, narrowest: 8 },
    { title: 'ROLE', value: ({ role, scopes }) => scopes ? `${role}, ${scopes.length} scopes` : role },
    { title: 'KEY', value: ({ prefix, lastFour }) => `${prefix}…${lastFour}`, dispensable: 2 },
    { title: 'LAST USED', value: ({ lastUsedAt }) => lastUsedAt ? age(lastUsedAt, now) : 'never', align: 'right', dispensable: 1 },
    { title: 'EXPIRES', value: ({ expiresAt }) => expiresAt ? time(expiresAt) : 'never', dispensable: 3 },
    { title: 'MADE BY', value: ({ createdBy }) => createdBy, dispensable: 4 },
  ], 'There is no API key. Make one: howdah api-key create NAME')
}

export function apiKeyDetails(key: ApiKey): View {
  return detailView(key, () => [
    ['Id', key.id],
    ['Name', key.name],
    ['Key', key.key ? `${key.key}  (shown this once)` : `${key.prefix}…${key.lastFour}`],
    ['Role', key.role],
    ['Scopes', key.scopes?.join(', ') ?? ''],
    ['Expires', key.expiresAt ? time(key.expiresAt) : 'never'],
    ['Made by', key.createdBy],
  ])
}
