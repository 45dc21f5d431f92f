import type { DatabaseUser, Db, Extension, Parameter } from '@howdah/sdk'
import type { View } from '../output/view.ts'
import { age, bytes, time, yesNo } from '../output/format.ts'
import { colourOf } from '../output/paint.ts'
import { detailView, listView } from '../output/view.ts'

export function userList(users: readonly DatabaseUser[]): View {
  return listView(users, ({ now }) => [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'ACCESS', value: accessOf },
    { title: 'PHASE', value: ({ phase }) => phase, colour: ({ phase }) => colourOf(phase) },
    { title: 'SESSIONS', value: ({ sessions }) => sessions === null ? '' : String(sessions), align: 'right', dispensable: 2 },
    { title: 'LIMIT', value: limitOf, align: 'right', dispensable: 3 },
    { title: 'AGE', value: ({ createdAt }) => age(createdAt, now), align: 'right', dispensable: 1 },
    { title: 'MESSAGE', value: ({ message }) => message, narrowest: 12, dispensable: 4 },
  ], 'There is no user.')
}

export function userDetails(user: DatabaseUser): View {
  return detailView(user, () => [
    ['Name', user.name],
    ['Access', accessOf(user)],
    ['Phase', user.phase, colourOf(user.phase)],
    ['Message', user.message],
    ['Sessions', user.sessions === null ? '' : String(user.sessions)],
    ['Connection limit', limitOf(user)],
    ['Owns', user.ownedDbs.join(', ')],
    ['Operation', user.operation ?? ''],
    ['Created', time(user.createdAt)],
  ])
}

function accessOf({ isOwner, access }: DatabaseUser): string {
  return isOwner ? 'the owner' : access
}

function limitOf({ connectionLimit }: DatabaseUser): string {
  return connectionLimit < 0 ? 'none' : String(connectionLimit)
}

export function dbList(dbs: readonly Db[]): View {
  return listView(dbs, ({ now }) => [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'OWNER', value: ({ owner }) => owner },
    { title: 'PHASE', value: ({ phase }) => phase, colour: ({ phase }) => colourOf(phase) },
    { title: 'SIZE', value: ({ sizeBytes }) => sizeBytes === null ? '' : bytes(sizeBytes), align: 'right', dispensable: 2 },
    { title: 'SESSIONS', value: ({ sessions }) => sessions === null ? '' : String(sessions), align: 'right', dispensable: 3 },
    { title: 'AGE', value: ({ createdAt }) => age(createdAt, now), align: 'right', dispensable: 1 },
    { title: 'MESSAGE', value: ({ message }) => message, narrowest: 12, dispensable: 4 },
  ], 'There is no logical database.')
}

export function dbDetails(db: Db): View {
  return detailView(db, () => [
    ['Name', db.name],
    ['Owner', db.owner],
    ['Phase', db.phase, colourOf(db.phase)],
    ['Message', db.message],
    ['Size', db.sizeBytes === null ? '' : bytes(db.sizeBytes)],
    ['Created', time(db.createdAt)],
  ])
}

export function extensionList(extensions: readonly Extension[]): View {
  return listView(extensions, () => [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'ON', value: ({ enabled }) => yesNo(enabled), colour: ({ enabled }) => enabled ? 'green' : 'dim' },
    { title: 'VERSION', value: ({ installedVersion, defaultVersion }) => installedVersion ?? defaultVersion, dispensable: 1 },
    { title: 'RESTART', value: ({ needsRestart }) => needsRestart ? 'needed' : '', dispensable: 2 },
    { title: 'DESCRIPTION', value: ({ description }) => description, narrowest: 20, dispensable: 3 },
  ], 'There is no such extension.')
}

export function parameterList(parameters: readonly Parameter[]): View {
  return listView(parameters, () => [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'VALUE', value: ({ value }) => value, narrowest: 10, colour: ({ isChanged }) => isChanged ? 'bold' : undefined },
    { title: 'DEFAULT', value: parameter => parameter.default, narrowest: 8, dispensable: 3 },
    { title: 'RANGE', value: range, narrowest: 10, dispensable: 2 },
    { title: 'RESTART', value: ({ needsRestart, pendingRestart }) => pendingRestart ? 'pending' : needsRestart ? 'needed' : '', colour: ({ pendingRestart }) => pendingRestart ? 'yellow' : undefined, dispensable: 1 },
    { title: 'DESCRIPTION', value: ({ description }) => description, narrowest: 20, dispensable: 4 },
  ], 'There is no such parameter.')
}

function range({ type, min, max, enumValues, unit }: Parameter): string {
  if (enumValues)
    return enumValues.join(', ')
  return min === null && max === null ? type : `${min ?? ''} … ${max ?? ''}${unit ? ` x ${unit}` : ''}`
}
