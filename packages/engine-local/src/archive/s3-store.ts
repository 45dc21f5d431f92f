import type { ObjectStore, S3Settings, StoredObject } from './object-store.ts'
import { S3Client } from './s3-client.ts'

/**
 * Objects in a bucket of anything that speaks S3. Nothing here is larger than a segment of WAL or a block of a base
 * backup, so every object is one request: no upload in parts that could be left half done.
 */
export function s3Store(settings: S3Settings): ObjectStore {
  const client = new S3Client(settings)
  const root = settings.prefix === '' ? '' : `${settings.prefix}/`

  async function has(key: string): Promise<boolean> {
    return (await client.request({ method: 'HEAD', key: root + key, also: [404] })).status !== 404
  }

  /** Pages of what lies below a folder, as XML. */
  async function* pages(folder: string, query: Readonly<Record<string, string>> = {}): AsyncGenerator<string> {
    const prefix = `${root}${folder}${folder === '' || folder.endsWith('/') ? '' : '/'}`
    let token: string | undefined
    do {
      const { body } = await client.request({ method: 'GET', query: { 'list-type': '2', prefix, ...query, ...token === undefined ? {} : { 'continuation-token': token } } })
      const page = body.toString()
      yield page
      token = first(page, 'NextContinuationToken')
    } while (token !== undefined)
  }

  return {
    has,

    async put(key, body) {
      await client.request({ method: 'PUT', key: root + key, body })
    },

    /** Asked first, because not every store knows the condition: those that do not ignore it, or refuse it as unknown. */
    async putNew(key, body) {
      if (await has(key))
        return false
      const { status } = await client.request({ method: 'PUT', key: root + key, body, headers: { 'if-none-match': '*' }, also: [412, 501] })
      if (status === 501)
        await client.request({ method: 'PUT', key: root + key, body })
      return status !== 412
    },

    async get(key) {
      const { body, status } = await client.request({ method: 'GET', key: root + key, also: [404] })
      return status === 404 ? undefined : body
    },

    async list(folder) {
      const found: StoredObject[] = []
      for await (const page of pages(folder)) {
        for (const object of all(page, 'Contents'))
          found.push({ key: (first(object, 'Key') ?? '').slice(root.length), bytes: Number(first(object, 'Size')), storedAt: new Date(first(object, 'LastModified') ?? '') })
      }
      return found
    },

    async folders(folder) {
      const found: string[] = []
      for await (const page of pages(folder, { delimiter: '/' }))
        found.push(...all(page, 'CommonPrefixes').map(prefix => (first(prefix, 'Prefix') ?? '').split('/').at(-2) ?? ''))
      return found
    },

    async remove(key) {
      await client.request({ method: 'DELETE', key: root + key, also: [404] })
    },
  }
}

/** Texts between an element's tags. Keys of ours need no escapes, and the answers have one shape. */
function all(xml: string, element: string): string[] {
  return [...xml.matchAll(new RegExp(`<${element}>([\\s\\S]*?)</${element}>`, 'g'))].map(([, text = '']) => text)
}

function first(xml: string, element: string): string | undefined {
  const [text] = all(xml, element)
  return text === '' ? undefined : text
}
