import { EngineError } from '@howdah/engine'
import { expect, it } from 'vitest'
import { LostSlots, remakeReplicaSlots } from './lost-slots.ts'

it('a slot that was given up is told once, unless it was before anybody looked, and again when it is given up again', () => {
  const slots = new LostSlots()
  const told = (lost: readonly string[] | undefined): readonly unknown[] => slots.next(lost).map(({ details, type }) => [type, details.slot])
  expect(told(['old'])).toEqual([])
  expect(told(undefined)).toEqual([])
  expect(told(['old', '_cnpg_orders_2'])).toEqual([['slot.lost', '_cnpg_orders_2']])
  expect(told(['old', '_cnpg_orders_2'])).toEqual([])
  expect(told(['old'])).toEqual([])
  expect(told(['_cnpg_orders_2', 'old'])).toEqual([['slot.lost', '_cnpg_orders_2']])
})

it('slots of replicas are made anew, also one that is held for a moment; those of others are left to them', async () => {
  const asked: unknown[] = []
  const server = {
    asSuperuser: async <T>(_: string, work: (session: { query: (text: string, values?: unknown[]) => Promise<never[]> }) => Promise<T>): Promise<T> => await work({
      query: async (_, values) => {
        asked.push(values)
        if (asked.length === 1)
          throw new EngineError('invalid', 'PostgreSQL: it is active', { cause: Object.assign(new Error('active'), { code: '55006' }) })
        return []
      },
    }),
  }
  await remakeReplicaSlots(server, ['_cnpg_orders_2', 'mine'])
  expect(asked).toEqual([['_cnpg_orders_2'], ['_cnpg_orders_2']])
})

it('another refusal is not repeated', async () => {
  const refused = new EngineError('invalid', 'PostgreSQL: no')
  await expect(remakeReplicaSlots({ asSuperuser: async () => await Promise.reject(refused) }, ['_cnpg_orders_2'])).rejects.toBe(refused)
})
