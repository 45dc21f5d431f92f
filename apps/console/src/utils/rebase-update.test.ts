import type { Database } from '@howdah/sdk'
import { expect, it } from 'vitest'
import { rebaseUpdate } from './rebase-update.ts'

/** The fields that it looks at, of a database that has more. */
function database(fields: Partial<Database>): Database {
  return { labels: {}, extensions: [], allowedCidrs: [], ...fields } as Database
}

it('keeps the labels that the other one added, and does to theirs what was done here', () => {
  const base = database({ labels: { team: 'shop', env: 'test', old: '1' } })
  const theirs = database({ labels: { team: 'shop', env: 'prod', old: '1', theirs: 'yes' } })
  expect(rebaseUpdate({ labels: { team: 'sales', env: 'test', mine: '1' } }, base, theirs)).toEqual({
    labels: { team: 'sales', env: 'prod', theirs: 'yes', mine: '1' },
  })
})

it('my change of a label wins over theirs of the same one', () => {
  expect(rebaseUpdate({ labels: { team: 'mine' } }, database({ labels: { team: 'a' } }), database({ labels: { team: 'theirs' } }))).toEqual({ labels: { team: 'mine' } })
})

it('adds to and takes from a list of theirs, each item once', () => {
  const base = database({ extensions: ['citext', 'pg_trgm'] })
  const theirs = database({ extensions: ['citext', 'pg_trgm', 'pgcrypto'] })
  expect(rebaseUpdate({ extensions: ['citext', 'vector', 'pgcrypto'] }, base, theirs)).toEqual({ extensions: ['citext', 'pgcrypto', 'vector'] })
})

it('leaves the rest as it was asked for', () => {
  expect(rebaseUpdate({ storageGib: 20, parameters: { work_mem: null } }, database({}), database({ storageGib: 30 }))).toEqual({ storageGib: 20, parameters: { work_mem: null } })
})
