import type { Database, HowdahClient, Operation, Plan } from './index.ts'
import { expectTypeOf, it } from 'vitest'

declare const client: HowdahClient

it('a dry run has the type of a plan, anything else that of what is changed', () => {
  const create = () => client.databases.create({ name: 'shop' })
  const createWithKey = () => client.databases.create({ name: 'shop' }, { idempotencyKey: 'k' })
  const plan = () => client.databases.create({ name: 'shop' }, { dryRun: true })
  const either = (dryRun: boolean) => client.databases.delete('shop', { dryRun })
  expectTypeOf(create).returns.resolves.toEqualTypeOf<Database>()
  expectTypeOf(createWithKey).returns.resolves.toEqualTypeOf<Database>()
  expectTypeOf(plan).returns.resolves.toEqualTypeOf<Plan>()
  expectTypeOf(either).returns.resolves.toEqualTypeOf<Plan | Operation>()
})

it('a field that the contract does not know does not compile', () => {
  // @ts-expect-error storageGib is the name
  void (() => client.databases.create({ name: 'shop', storage: 10 }))
})
