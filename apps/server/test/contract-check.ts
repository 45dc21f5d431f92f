import type { Endpoint, EndpointId } from '@howdah/contract'
import { endpoints, errors, errorsOf, Problem } from '@howdah/contract'
import { Ajv } from 'ajv'
import formats from 'ajv-formats'

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true })
formats.default(ajv, ['date-time', 'uuid'])
const compiled = new Map<object, ReturnType<typeof ajv.compile>>()

export const table = Object.entries(endpoints) as [EndpointId, Endpoint][]

const patterns = table.map(([id, endpoint]) => ({
  id,
  endpoint,
  pattern: new RegExp(`^${endpoint.path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}))

/** The endpoint that a request is for; undefined for a path or method that the contract does not have. */
export function endpointOf(method: string, url: string): { id: EndpointId, endpoint: Endpoint } | undefined {
  const [path = ''] = url.split('?')
  return patterns.find(({ endpoint, pattern }) => endpoint.method === method && pattern.test(path))
}

/** Throws when an answer is not one that the contract documents for the endpoint. */
export function checkAnswer(method: string, url: string, answer: { status: number, type: string, text: string }): void {
  const found = endpointOf(method, url)
  if (!found)
    return
  const { id, endpoint } = found
  const fail = (why: string): never => {
    throw new Error(`${id} answered ${answer.status}, which the contract does not have: ${why}\n${answer.text.slice(0, 2000)}`)
  }
  if (answer.type.startsWith('application/problem+json')) {
    const problem = JSON.parse(answer.text) as { code: keyof typeof errors, status: number }
    matches(Problem, problem, fail)
    if (problem.status !== answer.status || errors[problem.code].status !== answer.status)
      fail('status, code and the status of the code differ')
    if (!errorsOf(endpoint).includes(problem.code))
      fail(`${problem.code} is none of ${errorsOf(endpoint).join(', ')}`)
    return
  }
  const schema = endpoint.responses[answer.status]
  if (schema === undefined)
    return fail(`only ${Object.keys(endpoint.responses).join(', ')}`)
  if (schema === null) {
    if (answer.text !== '')
      fail('it has no body')
    return
  }
  if (answer.type.startsWith('application/json'))
    matches(schema, JSON.parse(answer.text), fail)
  else if (!answer.type.startsWith(endpoint.produces ?? (endpoint.stream ? 'text/event-stream' : '')) && !endpoint.path.endsWith('/connection'))
    fail(`its media type is ${answer.type}`)
}

function matches(schema: object, value: unknown, fail: (why: string) => void): void {
  const check = compiled.get(schema) ?? ajv.compile(schema)
  compiled.set(schema, check)
  if (!check(value))
    fail(ajv.errorsText(check.errors))
}
