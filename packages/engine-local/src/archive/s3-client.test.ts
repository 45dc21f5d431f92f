import { scriptedServer } from '@howdah/testkit'
import { afterEach, expect, it } from 'vitest'
import { S3Client } from './s3-client.ts'

let close: (() => Promise<void>) | undefined
afterEach(async () => await close?.())

/** A store that refuses as one does whose clock differs by so many minutes from ours. */
async function refusedBy(minutes: number, method: 'GET' | 'HEAD', code: string): Promise<string> {
  const server = await scriptedServer(() => ({
    status: 403,
    headers: { date: new Date(Date.now() - minutes * 60_000).toUTCString() },
    text: method === 'HEAD' ? '' : `<Error><Code>${code}</Code></Error>`,
  }))
  close = server.close
  const client = new S3Client({ kind: 's3', endpoint: server.url, region: 'us-east-1', bucket: 'archives', prefix: '', pathStyle: true, accessKeyId: 'tests', secretAccessKey: 'secret' })
  const refusal = await client.request({ method, key: 'some/where', also: [404] }).then(() => 'it was answered', (error: unknown) => String(error))
  // It is no use to try again.
  expect(server.requests).toHaveLength(1)
  return refusal.replace(server.url, 'STORE')
}

it.each([
  [180, 'GET', 'RequestTimeTooSkewed', 'the clock of this machine is 180 minutes ahead of that of STORE, which takes no request then: set the clock'],
  [-45, 'GET', 'RequestTimeTooSkewed', 'the clock of this machine is 45 minutes behind that of STORE, which takes no request then: set the clock'],
  // An answer to HEAD has no body that could say so.
  [180, 'HEAD', '', 'the clock of this machine is 180 minutes ahead of that of STORE, which takes no request then: set the clock'],
  [0, 'HEAD', '', 'STORE does not let this access key into the bucket "archives" (status 403)'],
  [0, 'GET', 'AccessDenied', 'STORE does not let this access key into the bucket "archives" (AccessDenied)'],
] as const)('a store whose clock is %i minutes behind and that refuses a %s (%s) is told by its reason', async (minutes, method, code, words) => {
  expect(await refusedBy(minutes, method, code)).toContain(words)
})
