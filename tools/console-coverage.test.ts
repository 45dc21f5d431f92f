import type { EndpointId } from '@howdah/contract'
import { endpoints } from '@howdah/contract'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { readTracked, trackedFiles } from './tracked-files.ts'

/** What the API can do and the console leaves out, and why. */
const exceptions: Partial<Record<EndpointId, string>> = {
  'system.health': 'for what watches the process',
  'system.ready': 'for what watches the process',
  'system.metrics': 'for Prometheus',
  'system.openapi': 'for generators',
  'system.docs': 'a page of its own, to which Settings links',
  'users.get': 'the list shows all of each user',
  'dbs.get': 'the list shows all of each logical database',
  'backups.get': 'the list shows all of each backup',
  'apiKeys.get': 'the list shows all of each key',
  'people.get': 'the list shows all of each person',
}

const tracked = await trackedFiles()
const isId = (text: string): text is EndpointId => Object.hasOwn(endpoints, text)

/** `databases.restart` of the SDK → the endpoints that this method asks. */
async function sdkMethods(): Promise<Map<string, readonly EndpointId[]>> {
  const found = new Map<string, readonly EndpointId[]>()
  for (const path of tracked.filter(file => /^packages\/sdk\/src\/resources\/(?!.*\.test\.ts$)/.test(file))) {
    const source = ts.createSourceFile(path, await readTracked(path), ts.ScriptTarget.Latest, true)
    for (const resource of source.statements.filter(ts.isFunctionDeclaration)) {
      const visit = (node: ts.Node): void => {
        if (ts.isReturnStatement(node) && node.parent === resource.body && node.expression && ts.isObjectLiteralExpression(node.expression)) {
          for (const method of node.expression.properties)
            found.set(`${resource.name?.text}.${method.name?.getText()}`, idsIn(method))
        }
        ts.forEachChild(node, visit)
      }
      visit(resource)
    }
  }
  return found
}

function idsIn(node: ts.Node): EndpointId[] {
  return [
    ...ts.isStringLiteral(node) && isId(node.text) ? [node.text] : [],
    ...node.getChildren().flatMap(idsIn),
  ]
}

it('the console can do everything that the API can, but for what is listed here', async () => {
  const methods = await sdkMethods()
  // Every endpoint is reached by the SDK, so what follows cannot pass because nothing was found.
  expect([...methods.values()].flat().length).toBeGreaterThan(50)
  const sources = await Promise.all(tracked.filter(file => /^apps\/console\/src\/.*(?<!\.test)\.(?:ts|vue)$/.test(file)).map(readTracked))
  const used = new Set(sources.flatMap(text => [...text.matchAll(/\b(?:client|asking)\.(\w+\.\w+)/g)].map(([, method]) => method!)))
  expect([...used].filter(method => !methods.has(method)), 'methods that the SDK does not have').toEqual([])
  const reached = new Set([...used].flatMap(method => methods.get(method) ?? []))
  const ids = Object.keys(endpoints).filter(isId)
  expect(ids.filter(id => !reached.has(id) && !(id in exceptions)), 'endpoints that the console does not reach').toEqual([])
  expect(ids.filter(id => reached.has(id) && id in exceptions), 'exceptions that are none any more').toEqual([])
})
