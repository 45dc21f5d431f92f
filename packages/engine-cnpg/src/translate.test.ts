import type { Engine } from '@howdah/engine'
import { EngineError } from '@howdah/engine'
import { describe, expect, it } from 'vitest'
import { ApiError } from './kubernetes/api.ts'
import { translate, translated } from './translate.ts'

const clusters = '/apis/postgresql.cnpg.io/v1/namespaces/howdah-shop/clusters/orders'
const stores = '/apis/barmancloud.cnpg.io/v1/namespaces/howdah-shop/objectstores/archive-1'

describe('what the API of a cluster refuses is told in the port\'s words', () => {
  it.each<[string, number, { message?: string, reason?: string }, string, string, RegExp]>([
    ['a kind that it does not know', 404, {}, clusters, 'unavailable', /CloudNativePG is not installed/],
    ['a kind of a group that it knows', 404, { reason: 'NotFound', message: 'the server could not find the requested resource' }, clusters, 'unavailable', /CloudNativePG is not installed/],
    ['the plugin\'s kind', 404, {}, stores, 'unavailable', /barman-cloud/],
    ['an object that went meanwhile', 404, { reason: 'NotFound', message: 'clusters.postgresql.cnpg.io "orders" not found' }, clusters, 'unavailable', /not there any more: .*"orders"/],
    ['what another control plane just made', 409, { reason: 'AlreadyExists', message: 'backups.postgresql.cnpg.io "b" already exists' }, clusters, 'unavailable', /same moment/],
    ['a field that is somebody else\'s', 409, { reason: 'Conflict', message: 'conflict with "argocd"' }, clusters, 'conflict', /argocd/],
    ['more than the quota has', 403, { reason: 'Forbidden', message: 'exceeded quota: projects' }, clusters, 'exhausted', /exceeded quota/],
    ['what the account may not do', 403, { reason: 'Forbidden', message: 'User "x" cannot patch' }, clusters, 'unavailable', /account may not/],
    ['what a policy does not let in', 403, { reason: 'Forbidden', message: 'ValidatingAdmissionPolicy denied request' }, clusters, 'invalid', /denied request/],
    ['anything while the operator\'s webhook is away', 500, { reason: 'InternalError', message: 'failed calling webhook "mcluster.cnpg.io": no endpoints' }, clusters, 'unavailable', /^The operator's webhook "mcluster.cnpg.io" does not answer/],
    ['anything while somebody else\'s is', 500, { reason: 'InternalError', message: 'failed calling webhook "costs.example.org": no endpoints' }, clusters, 'unavailable', /^The webhook "costs.example.org" does not answer/],
  ])('%s', (_, status, said, path, code, message) => {
    const error = translate(new ApiError(status, said, path))
    expect(error).toBeInstanceOf(EngineError)
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it('whichever method was asked, and other errors stay what they are', async () => {
    const refusing = {
      destroy: async () => await Promise.reject(new ApiError(404, {}, clusters)),
      takeBackup: async () => await Promise.reject(new TypeError('a bug')),
      watch: () => () => {},
    } as unknown as Engine // as much of one as is asked
    const engine = translated(refusing)
    const ref = { id: '1', project: 'shop', name: 'orders' }
    await expect(engine.destroy(ref)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(engine.takeBackup(ref, 'b')).rejects.toBeInstanceOf(TypeError)
    expect(engine.watch(() => {})).toBeTypeOf('function')
  })
})
