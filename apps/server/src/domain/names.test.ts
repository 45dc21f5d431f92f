import { reservedNames } from '@howdah/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mainIdentifier, refusedIdentifier, refusedName } from './names.ts'

describe('names of databases', () => {
  it.each(['a', 'orders', 'a1', 'a-b', 'a--b', 'select', 'x'.repeat(40)])('"%s" is one', (name) => {
    expect(refusedName(name)).toBeUndefined()
  })
  it.each(['', 'x'.repeat(41), 'Orders', 'oRders', '1a', '-a', 'a-', 'a_b', 'a.b', '..', '../etc', 'a/b', 'größe', 'заказы', 'a b', ' a', 'a\n', 'a\0', `a'; drop table databases; --`, '$(id)', '`id`', '%', '_'])('%j is none', (name) => {
    expect(refusedName(name)).toContain('DNS label')
  })
  it.each(reservedNames)('"%s" is reserved', (name) => {
    expect(refusedName(name)).toContain('reserved')
  })
})

describe('names inside PostgreSQL', () => {
  it.each(['postgres', 'public', 'none', 'template1', 'pg_signal_backend', 'pg_x', 'howdah_monitor', 'howdah', 'current_user'])('"%s" is reserved', (name) => {
    expect(refusedIdentifier(name)).toContain('reserved')
  })
  it.each(['app', 'pgx', 'select', 'table', 'my-user'])('"%s" is not', (name) => {
    expect(refusedIdentifier(name)).toBeUndefined()
  })
})

it('every name of a database gives an owner that PostgreSQL takes without quotes and that nobody reserved', () => {
  expect(mainIdentifier('my-shop')).toBe('my_shop')
  expect(mainIdentifier('pg-stats')).toBe('db_pg_stats')
  expect(mainIdentifier('user')).toBe('db_user')
  fc.assert(fc.property(fc.stringMatching(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/), (name) => {
    const identifier = mainIdentifier(name)
    expect(identifier).toMatch(/^[a-z_][a-z0-9_]{0,62}$/)
    expect(refusedIdentifier(identifier)).toBeUndefined()
  }))
})
