import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readStoreOptions } from './store-options.ts'

const key = { accessKeyId: 'id', secretAccessKey: 'secret' }
const read = async (url: string) => await readStoreOptions({ kind: 's3', url, ...key })

describe('where archives are', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  beforeAll(async () => {
    folder = await temporaryFolder()
  })
  afterAll(async () => await folder.remove())

  it('is said in one address', async () => {
    expect(await read('s3://bucket/a/b/?endpoint=https://s3.example.org:9000&region=eu01&pathStyle=false')).toEqual({ kind: 's3', bucket: 'bucket', prefix: 'a/b', endpoint: 'https://s3.example.org:9000', region: 'eu01', pathStyle: false, ...key })
    expect(await read('s3://bucket')).toMatchObject({ prefix: '', endpoint: 'https://s3.us-east-1.amazonaws.com', pathStyle: true })
  })

  it.each([
    ['https://bucket', 's3://bucket'],
    ['s3://id:secret@bucket', 'without credentials'],
    ['s3://bucket?endpoint=ftp://x', 'endpoint'],
    ['s3://bucket?endpoint=https://x/path', 'without a path'],
    ['s3://bucket?secret=x', 'has the parameter secret'],
    ['s3://bucket/a%20b', 'prefix'],
    ['s3://bucket?ca=/not/there.pem', 'cannot be read'],
  ])('%s is refused with what is wrong', async (url, reason) => {
    await expect(read(url)).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining(reason) })
  })

  it('reads the access key from a file that not everybody can read', async () => {
    const credentialsFile = join(folder.path, 'credentials')
    const options = { kind: 's3', url: 's3://bucket', credentialsFile } as const
    await writeFile(credentialsFile, '[default]\naws_access_key_id = one\naws_secret_access_key=two\n')
    await chmod(credentialsFile, 0o644)
    await expect(readStoreOptions(options)).rejects.toThrow('chmod 600')
    await chmod(credentialsFile, 0o600)
    expect(await readStoreOptions(options)).toMatchObject({ accessKeyId: 'one', secretAccessKey: 'two' })
    await writeFile(credentialsFile, 'aws_access_key_id = one\n')
    await expect(readStoreOptions(options)).rejects.toThrow('aws_secret_access_key')
  })

  it('asks for an access key', async () => {
    await expect(readStoreOptions({ kind: 's3', url: 's3://bucket' })).rejects.toThrow('no access key')
  })
})
