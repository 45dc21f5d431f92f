import type { Installation } from '../installation.ts'
import type { PodView } from '../views.ts'
import { ApiError } from '../kubernetes/api.ts'
import { linesOf } from '../kubernetes/lines.ts'
import { pathOf, resources } from '../kubernetes/objects.ts'

const mostLines = 2_000
const longestReason = 1_000

/** What pg_upgrade said of why it stopped, or the operator of why it could not begin. The pod goes with its log. */
export async function whyNotUpgraded({ api }: Installation, { name, namespace }: PodView): Promise<string> {
  const lines: string[] = []
  try {
    const stream = await api.stream(`${pathOf(resources.pod, { namespace, name })}/log`, { query: { container: 'major-upgrade', tailLines: String(mostLines) }, signal: AbortSignal.timeout(30_000) })
    for await (const line of linesOf(stream))
      lines.push(line)
  }
  catch (error) {
    // It is gone already, or never began.
    if (!(error instanceof ApiError && (error.status === 400 || error.status === 404)))
      throw error
  }
  return reasonIn(lines) ?? 'It cannot be upgraded, and the pod that tried does not say why.'
}

/** The instance manager's line, as far as it is read. */
interface Line {
  readonly level?: string
  readonly logger?: string
  readonly msg?: string
  readonly error?: string
}

/** Said in lines of the pod's log; undefined where nothing is. The lists that pg_upgrade writes into files stay with it. */
export function reasonIn(texts: readonly string[]): string | undefined {
  const lines = texts.flatMap(text => parsed(text) ?? [])
  const said = lines.filter(({ logger }) => logger === 'pg_upgrade').map(({ msg = '' }) => msg.trim())
  const end = said.indexOf('Failure, exiting')
  const step = said[said.indexOf('*failure*') - 1]
  if (step !== undefined)
    return `pg_upgrade: ${step} failed.`
  if (end >= 0) {
    const refusal = said.findIndex(line => /^failed check: | fatal$/.test(line))
    const begin = refusal >= 0 ? refusal : said.findLastIndex((line, index) => index < end && line.endsWith(' ok')) + 1
    const reason = said.slice(begin, end).filter(line => !/^\/| ok$/.test(line)).map(line => line.replace(/\s+fatal$/, ':').replace(/^failed check: (.*)/, '$1.'))
    return `pg_upgrade: ${reason.join(' ').replaceAll(/\s+/g, ' ').replaceAll(/ [^.:]*\bin the file:/g, '').trim().slice(0, longestReason)}`
  }
  const failed = lines.findLast(({ error, level }) => level === 'error' && error)
  return failed && `The operator: ${failed.msg === undefined ? '' : `${failed.msg}: `}${failed.error}.`.slice(0, longestReason)
}

function parsed(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line // the instance manager's documented shape
  }
  catch (error) {
    // Its last words are none of its records.
    if (error instanceof SyntaxError)
      return text.startsWith('Error: ') ? { level: 'error', error: text.slice('Error: '.length) } : undefined
    throw error
  }
}
