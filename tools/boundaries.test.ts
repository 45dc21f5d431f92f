import { posix } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { readTracked, trackedFiles } from './tracked-files.ts'

/**
 * Who may import whom: the table of docs/architecture.md. `types` may be imported as types only. What is not listed
 * is refused, so a new layer has to find its place here first.
 */
const layers: Record<string, { readonly at: RegExp, readonly may: readonly string[], readonly types?: readonly string[] }> = {
  'contract': { at: /^packages\/contract\//, may: [] },
  'engine': { at: /^packages\/engine\//, may: [] },
  'machine': { at: /^packages\/machine\//, may: [] },
  'postgres': {
    at: /^packages\/postgres\//,
    may: ['engine'],
  },
  'engine-local': {
    at: /^packages\/engine-local\//,
    may: ['engine', 'machine', 'postgres'],
  },
  'engine-cnpg': {
    at: /^packages\/engine-cnpg\//,
    may: ['engine', 'postgres'],
  },
  'testkit': {
    at: /^packages\/testkit\//,
    may: ['engine-local'],
  },
  'sdk': { at: /^packages\/sdk\//, may: [] },
  'console': {
    at: /^apps\/console\//,
    may: ['sdk'],
  },
  'cli': {
    at: /^apps\/cli\//,
    may: ['machine', 'sdk'],
  },
  // What stands beside compose.ts puts the parts together; no part imports it.
  'server/compose': {
    at: /^apps\/server\/src\/(?!config\.ts|version\.ts)[^/]+\.ts$/,
    may: [
      'server/*',
      'contract',
      'engine',
      'engine-cnpg',
      'engine-local',
    ],
  },
  'server/base': { at: /^apps\/server\/src\/(?:config|version)\.ts$/, may: [] },
  'server/telemetry': {
    at: /^apps\/server\/src\/telemetry\//,
    may: ['server/base'],
  },
  'server/store': {
    at: /^apps\/server\/src\/store\//,
    may: ['server/telemetry'],
    types: ['engine'],
  },
  'server/domain': {
    at: /^apps\/server\/src\/domain\//,
    may: [
      'server/store',
      'server/telemetry',
      'contract',
      'engine',
    ],
  },
  'server/reconcile': {
    at: /^apps\/server\/src\/reconcile\//,
    may: [
      'server/domain',
      'server/store',
      'server/telemetry',
      'contract',
      'engine',
    ],
  },
  'server/http': {
    at: /^apps\/server\/src\/http\//,
    may: [
      'server/domain',
      'server/telemetry',
      'server/base',
      'contract',
    ],
    // A view maps a row to what is on the wire, so it knows the row's type.
    types: ['server/store', 'engine'],
  },
}

const packages: Record<string, string> = {
  '@howdah/cli': 'cli',
  '@howdah/console': 'console',
  '@howdah/contract': 'contract',
  '@howdah/engine': 'engine',
  '@howdah/engine-cnpg': 'engine-cnpg',
  '@howdah/engine-local': 'engine-local',
  '@howdah/machine': 'machine',
  '@howdah/postgres': 'postgres',
  '@howdah/sdk': 'sdk',
  '@howdah/server': 'server/compose',
  '@howdah/testkit': 'testkit',
}

interface Import { readonly from: string, readonly to: string, readonly isType: boolean }

const isTest = (path: string) => /\.test\.ts$|\.bench\.ts$|\/test(?:s|ing)?\//.test(path)
const sources = (await trackedFiles()).filter(path => /^(?:apps|packages)\/.*\.ts$/.test(path))
const shipped = sources.filter(path => !isTest(path))
const imports = (await Promise.all(sources.map(importsOf))).flat()

it('every source file belongs to one layer', () => {
  expect(shipped.filter(path => Object.values(layers).filter(({ at }) => at.test(path)).length !== 1)).toEqual([])
})

it('every package of the workspace is known here', async () => {
  const manifests = (await trackedFiles()).filter(path => /^(?:apps|packages)\/[^/]+\/package\.json$/.test(path))
  const names = await Promise.all(manifests.map(async path => (JSON.parse(await readTracked(path)) as { name: string }).name))
  expect(names.filter(name => !packages[name])).toEqual([])
})

it('no file imports what its layer may not', () => {
  const refused = imports.filter(({ from, to, isType }) => {
    if (isTest(from))
      return false
    const [own, target] = [
      layerOf(from),
      layerOf(to),
    ]
    if (!own || !target || own === target)
      return false
    const { may, types = [] } = layers[own]!
    return !matches(may, target) && !(isType && matches(types, target))
  })
  expect(refused.map(({ from, to }) => `${from} → ${to}`)).toEqual([])
})

it('a package reaches another one by its name, never by a path into it', () => {
  const folder = (path: string) => path.split('/').slice(0, 2).join('/')
  const crossing = imports.filter(({ from, to }) => !to.startsWith('@') && folder(from) !== folder(to))
  expect(crossing.map(({ from, to }) => `${from} → ${to}`)).toEqual([])
})

it('nothing that ships imports the test helpers', () => {
  expect(imports.filter(({ from, to }) => !isTest(from) && to.startsWith('@howdah/testkit')).map(({ from }) => from)).toEqual([])
})

it('only compose.ts and a driver\'s own package contain a driver\'s name', async () => {
  const names = /engine-local|engine-cnpg|local-?engine|cnpg|cloudnativepg|(['"])local\1/i
  const found: string[] = []
  for (const path of shipped) {
    if (/^packages\/(?:engine-local|engine-cnpg|testkit)\/|^apps\/server\/src\/compose\.ts$/.test(path))
      continue
    const lines = (await readTracked(path)).split('\n')
    found.push(...lines.flatMap((line, index) => names.test(line)
      ? [`${path}:${index + 1}`]
      : []))
  }
  expect(found).toEqual([])
})

it('the environment is read in the server\'s config.ts, and nowhere else in what the server is made of', async () => {
  const found: string[] = []
  for (const path of shipped) {
    // What frugal.ts hands to the process that replaces this one is the system's, and no setting of ours.
    if (!/^apps\/server\/|^packages\//.test(path) || /^apps\/server\/src\/(?:config|frugal)\.ts$|^packages\/testkit\//.test(path))
      continue
    if (/process\.env\b|\benv\s*[,}].*from 'node:process'/.test(await readTracked(path)))
      found.push(path)
  }
  expect(found).toEqual([])
})

function matches(patterns: readonly string[], layer: string): boolean {
  return patterns.some(pattern => pattern === layer || (pattern.endsWith('/*') && layer.startsWith(pattern.slice(0, -1))))
}

function layerOf(target: string): string | undefined {
  if (target.startsWith('@'))
    return packages[target.split('/').slice(0, 2).join('/')]
  return Object.entries(layers).find(([, { at }]) => at.test(target))?.[0]
}

/** Imports of the workspace's own code: of a package by its name, of a file by its path from the repository's folder. */
async function importsOf(from: string): Promise<Import[]> {
  const found: Import[] = []
  const add = (specifier: string, isType: boolean): void => {
    if (specifier.startsWith('@howdah/')) {
      found.push({ from, to: specifier, isType })
    }
    else if (specifier.startsWith('.')) {
      found.push({
        from,
        to: posix.join(posix.dirname(from), specifier),
        isType,
      })
    }
  }
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      const isType = ts.isImportDeclaration(node)
        ? node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
        : node.isTypeOnly
      add(node.moduleSpecifier.text, isType)
    }
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && node.arguments[0] && ts.isStringLiteralLike(node.arguments[0])) {
      add(node.arguments[0].text, false)
    }
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
      add(node.argument.literal.text, true)
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(from, await readTracked(from), ts.ScriptTarget.Latest))
  return found
}
