import type { Socket } from 'node:net'
import type { S3Server } from '../testing/s3-server.ts'
import type { ObjectStore } from './object-store.ts'
import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { temporaryFolder } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { s3Server } from '../testing/s3-server.ts'
import { folderStore } from './folder-store.ts'
import { s3Store } from './s3-store.ts'
import { StoreError } from './store-error.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let server: S3Server
beforeAll(async () => {
  folder = await temporaryFolder()
  server = await s3Server(folder.path)
})
afterAll(async () => {
  await server.stop()
  await folder.remove()
})

describe.each([['a bucket', () => s3Store(server.settings)], ['a folder', () => folderStore(`${folder.path}/plain`)]])('%s', (_, open) => {
  let store: ObjectStore
  beforeAll(() => {
    store = open()
  })

  it('gives back what was put, and knows nothing of what was not', async () => {
    const body = randomBytes(3 * 2 ** 20)
    await store.put('one/wal/0001', body)
    expect((await store.get('one/wal/0001'))?.equals(body)).toBe(true)
    expect(await store.has('one/wal/0001')).toBe(true)
    expect(await store.get('one/wal/0002')).toBeUndefined()
    expect(await store.has('one/wal/0002')).toBe(false)
    await store.put('one/wal/0001', Buffer.from('other'))
    expect((await store.get('one/wal/0001'))?.toString()).toBe('other')
  })

  it('does not replace what is there when it must be new, also when two come at once', async () => {
    const wrote = await Promise.all(['first', 'second'].map(async text => await store.putNew('new/object', Buffer.from(text))))
    expect(wrote.filter(Boolean)).toHaveLength(1)
    expect((await store.get('new/object'))?.toString()).toBe(wrote[0] ? 'first' : 'second')
    expect(await store.putNew('new/object', Buffer.from('third'))).toBe(false)
  })

  it('lists objects below a folder, more of them than a page holds, and the folders right below it', async () => {
    const names = Array.from({ length: 1003 }, (_, number) => `many/base/${number % 3}/${String(number).padStart(6, '0')}`)
    for (let at = 0; at < names.length; at += 59)
      await Promise.all(names.slice(at, at + 59).map(async name => await store.put(name, Buffer.from('x'))))
    await store.put('many-others/base/3/000000', Buffer.from('x'))
    const listed = await store.list('many')
    expect(listed.map(({ key }) => key).sort()).toEqual(names.sort())
    expect(listed.every(({ bytes, storedAt }) => bytes === 1 && Math.abs(storedAt.getTime() - Date.now()) < 3_600_000)).toBe(true)
    expect([...await store.folders('many/base')].sort()).toEqual(['0', '1', '2'])
    expect(await store.folders('nothing')).toEqual([])
    expect(await store.list('nothing')).toEqual([])
  })

  it('removes what is there, and what is not', async () => {
    await store.put('gone/it', Buffer.from('x'))
    await store.remove('gone/it')
    await store.remove('gone/it')
    expect(await store.has('gone/it')).toBe(false)
  })
})

describe('a store that cannot be used says why, and no secret', () => {
  async function failure(change: Partial<S3Server['settings']>): Promise<StoreError> {
    const settings = { ...server.settings, ...change }
    const error: unknown = await s3Store(settings).put('a/b', Buffer.from('x')).catch((error: unknown) => error)
    if (!(error instanceof StoreError))
      throw new Error('it did not fail as a store does', { cause: error })
    expect(error.message).not.toContain(settings.secretAccessKey)
    return error
  }

  it('a wrong secret', async () => {
    expect(await failure({ secretAccessKey: 'wrong' })).toMatchObject({ isPassing: false, message: expect.stringContaining('SignatureDoesNotMatch') })
  })
  it('an unknown access key', async () => {
    await expect(s3Store({ ...server.settings, accessKeyId: 'nobody' }).get('a/b')).rejects.toThrow('does not let this access key into')
    expect(await failure({ accessKeyId: 'nobody' })).toMatchObject({ isPassing: false, message: expect.stringContaining('does not let this access key into') })
  })
  it('a bucket that is missing, also where only a look-up is asked for', async () => {
    expect(await failure({ bucket: 'nowhere' })).toMatchObject({ isPassing: false, message: `the bucket "nowhere" is not at ${server.endpoint}` })
    await expect(s3Store({ ...server.settings, bucket: 'nowhere' }).get('a/b')).rejects.toThrow('is not at')
  })
  it('an endpoint that is away', async () => {
    expect(await failure({ endpoint: 'http://127.0.0.1:1' })).toMatchObject({ isPassing: true, message: 'http://127.0.0.1:1 cannot be reached (ECONNREFUSED)' })
  })
})

it('an upload that breaks off leaves nothing, and is made again', async () => {
  const through = createServer()
  let cuts = 1
  let wasAbsent: boolean | undefined
  through.on('connection', (client: Socket) => {
    const upstream = connect(Number(new URL(server.endpoint).port), '127.0.0.1')
    let passed = 0
    client.on('data', (chunk: Buffer) => {
      passed += chunk.length
      upstream.write(chunk)
      if (cuts > 0 && passed > 2 ** 20) {
        cuts--
        upstream.destroy()
        void s3Store(server.settings).has('half/object').then((is) => {
          wasAbsent = !is
          client.destroy()
        })
      }
    })
    upstream.on('data', (chunk: Buffer) => client.write(chunk))
    for (const [socket, other] of [[client, upstream], [upstream, client]] as const) {
      socket.on('error', () => {}) // it is cut on purpose
      socket.on('end', () => other.end())
    }
  })
  through.listen(0, '127.0.0.1')
  await once(through, 'listening')
  const { port } = through.address() as { port: number } // it listens on TCP
  const body = randomBytes(8 * 2 ** 20)
  await s3Store({ ...server.settings, endpoint: `http://127.0.0.1:${port}` }).put('half/object', body)
  expect(cuts).toBe(0)
  expect(wasAbsent).toBe(true)
  expect((await s3Store(server.settings).get('half/object'))?.equals(body)).toBe(true)
  through.close()
})
