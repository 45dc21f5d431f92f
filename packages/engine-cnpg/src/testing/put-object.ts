import type { BucketSettings } from '../bucket.ts'
import { createHash, createHmac } from 'node:crypto'

/** Write an object into a bucket, which only the plugin in the cluster does otherwise. `key`: below the prefix. */
export async function putObject({ accessKeyId, bucket, endpoint, prefix, region, secretAccessKey }: BucketSettings, key: string, body: Uint8Array): Promise<void> {
  const url = new URL([endpoint, bucket, ...prefix === '' ? [] : [prefix], key].join('/'))
  const at = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const scope = [at.slice(0, 8), region, 's3', 'aws4_request']
  const hash = createHash('sha256').update(body).digest('hex')
  const signed = 'host;x-amz-content-sha256;x-amz-date'
  const request = ['PUT', url.pathname, '', `host:${url.host}`, `x-amz-content-sha256:${hash}`, `x-amz-date:${at}`, '', signed, hash].join('\n')
  const text = ['AWS4-HMAC-SHA256', at, scope.join('/'), createHash('sha256').update(request).digest('hex')].join('\n')
  const hmac = (secret: string | Uint8Array, part: string): Uint8Array => createHmac('sha256', secret).update(part).digest()
  const secret = scope.reduce<string | Uint8Array>(hmac, `AWS4${secretAccessKey}`)
  const signature = createHmac('sha256', secret).update(text).digest('hex')
  const answer = await fetch(url, {
    method: 'PUT',
    body: Uint8Array.from(body),
    headers: { 'x-amz-date': at, 'x-amz-content-sha256': hash, 'authorization': `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope.join('/')}, SignedHeaders=${signed}, Signature=${signature}` },
  })
  if (!answer.ok)
    throw new Error(`the bucket does not take ${key}: ${answer.status} ${await answer.text()}`)
}
