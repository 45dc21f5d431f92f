import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** Longer lines are cut: one object of the API or one record of a log is far smaller. */
const longestLine = 8 * 1024 * 1024

/** Lines of an open answer as they come. Throws what the stream throws. */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of stream) {
    const parts = (rest + decoder.write(chunk as Uint8Array)).split('\n')
    rest = (parts.pop() ?? '').slice(0, longestLine)
    yield* parts
  }
  rest += decoder.end()
  if (rest !== '')
    yield rest
}
