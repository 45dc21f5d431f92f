import type { KubeApi } from './kubernetes/api.ts'
import { ApiError } from './kubernetes/api.ts'
import { linesOf } from './kubernetes/lines.ts'
import { pathOf, resources } from './kubernetes/objects.ts'

/** A node keeps about as many of a container. */
const mostLines = 20_000
const answerWithinMs = 30_000

/** What the container of an instance has logged, and the one before it: how it came to be what it is. */
export async function readStartLog(api: KubeApi, place: { readonly namespace: string, readonly name: string }): Promise<readonly string[]> {
  return [...await read(api, place, true), ...await read(api, place, false)]
}

async function read(api: KubeApi, place: { readonly namespace: string, readonly name: string }, previous: boolean): Promise<readonly string[]> {
  try {
    const stream = await api.stream(`${pathOf(resources.pod, place)}/log`, {
      query: { container: 'postgres', tailLines: String(mostLines), previous: String(previous) },
      signal: AbortSignal.timeout(answerWithinMs),
    })
    return await Array.fromAsync(linesOf(stream))
  }
  catch (error) {
    // There was none before, or it has not begun.
    if (error instanceof ApiError && (error.status === 400 || error.status === 404))
      return []
    throw error
  }
}
