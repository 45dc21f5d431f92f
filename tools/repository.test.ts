import { posix } from 'node:path'
import { errorCodes } from '@howdah/contract'
import { expect, it } from 'vitest'
import { readTracked, trackedFiles } from './tracked-files.ts'

const tracked = await trackedFiles()
const manifests = tracked.filter(path => posix.basename(path) === 'package.json')
const isGenerated = (path: string) => /\/generated\/|(?:^|\/)package-lock\.json$|\/openapi\.json$|(?:^|\/)go\.sum$/.test(path)
const texts = new Map<string, string>()
for (const path of tracked)
  texts.set(path, await readTracked(path))
const markdown = [...texts].filter(([path]) => path.endsWith('.md'))

/** `path:line` of every line that the pattern matches. */
function linesWith(pattern: RegExp, isWanted: (path: string) => boolean): string[] {
  return [...texts].filter(([path]) => isWanted(path)).flatMap(([path, text]) => text.split('\n').flatMap((line, index) =>
    pattern.test(line)
      ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`]
      : []))
}

it('no tracked file holds a path of somebody\'s machine or the address of a package registry', () => {
  const machine = /(?:^|[^\w.])\/(?:work\/(?:main|shared)|tmp\/bash_jobs|root\/\.)/
  const registry = /https?:\/\/(?!www\.|docs\.|wiki\.|bugs\.)[a-z.]*(?:npmjs|golang|debian|pythonhosted|crates|maven)[a-z.]*\//
  expect(linesWith(machine, () => true)).toEqual([])
  expect(linesWith(registry, () => true)).toEqual([])
})

it('nothing is left for later', () => {
  const later = new RegExp(`\\b(?:${['TO', 'FIX'].map((half, index) => half + ['DO', 'ME'][index]).join('|')})\\b`)
  expect(linesWith(later, path => !isGenerated(path))).toEqual([])
})

it('no test is switched off, and none runs alone', () => {
  expect(linesWith(/\b(?:it|test|describe)\.(?:only|skip|todo|fails)\(/, path => path.endsWith('.test.ts'))).toEqual([])
})

it('no error is swallowed without a word about why', () => {
  const silent = linesWith(/catch\s*(?:\(\w*\)\s*)?\{\s*\}|\.catch\(\(\) => \{\s*\}\)/, path => /\.(?:m?js|ts|vue)$/.test(path) && !isGenerated(path))
  const isExplained = (found: string) => {
    const [path = '', line = ''] = found.split(':')
    return /^\s*(?:\/\/|\*)/.test(texts.get(path)!.split('\n')[Number(line) - 2] ?? '')
  }
  expect(silent.filter(found => !isExplained(found))).toEqual([])
})

it('no source file outgrows one idea', () => {
  // The table of the whole API is one idea, and is read as a table.
  const isTable = (path: string) => path === 'packages/contract/src/endpoints.ts'
  const large = [...texts].filter(([path, text]) => /\.(?:m?js|ts|vue|go|py)$/.test(path) && !isGenerated(path) && !isTable(path) && text.split('\n').length > 400)
  expect(large.map(([path]) => path)).toEqual([])
})

it('every dependency is pinned to one version', () => {
  const loose = manifests.flatMap((path) => {
    const manifest = JSON.parse(texts.get(path)!) as Record<string, Record<string, string>>
    const all = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap(kind => Object.entries(manifest[kind] ?? {}))
    return all.filter(([, version]) => !/^(?:npm:@?[\w./-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)).map(([name, version]) => `${path}: ${name} ${version}`)
  })
  expect(loose).toEqual([])
})

it('the workspace has one version', () => {
  const versions = manifests.map(path => (JSON.parse(texts.get(path)!) as { version: string }).version)
  expect(new Set(versions).size).toBe(1)
})

it('the lockfile is whole: npm ci can use it on every platform', () => {
  const { packages } = JSON.parse(texts.get('package-lock.json')!) as { packages: Record<string, { dependencies?: object, optionalDependencies?: object }> }
  const missing = Object.entries(packages).flatMap(([path, entry]) =>
    Object.keys({
      ...entry.dependencies,
      ...entry.optionalDependencies,
    }).filter(name => !resolves(path, name)).map(name => `${path} → ${name}`))
  expect(missing).toEqual([])

  function resolves(from: string, name: string): boolean {
    const parts = from.split('/')
    return parts.concat('').some((_, index) => posix.join(...parts.slice(0, parts.length - index), 'node_modules', name) in packages)
  }
})

it('every package says what it is, in a README or at the head of its first file', () => {
  const folders = manifests.map(path => posix.dirname(path)).filter(folder => folder !== '.')
  const silent = folders.filter(folder => !texts.has(posix.join(folder, 'README.md'))
    && !['src/index.ts', 'src/main.ts'].some(entry => texts.get(posix.join(folder, entry))?.includes('/**')))
  expect(silent).toEqual([])
})

it('every error code is explained in docs/api/errors.md', () => {
  const page = texts.get('docs/api/errors.md') ?? ''
  expect(errorCodes.filter(code => !page.includes(`## ${code}\n`))).toEqual([])
})

it('every link in a Markdown file leads somewhere', () => {
  const broken = markdown.flatMap(([path, text]) => linksOf(text).flatMap((link) => {
    if (/^[a-z]+:/.test(link))
      return []
    const [target = '', anchor] = link.split('#')
    const file = target === ''
      ? path
      : posix.join(posix.dirname(path), decodeURI(target)).replace(/\/$/, '')
    const isThere = texts.has(file) || tracked.some(other => other.startsWith(`${file}/`))
    const hasAnchor = anchor === undefined || anchorsOf(texts.get(file) ?? '').includes(anchor)
    return isThere && hasAnchor
      ? []
      : [`${path} → ${link}`]
  }))
  expect(broken).toEqual([])
})

it('every page of docs/ is reached from its index', () => {
  const pages = markdown.map(([path]) => path).filter(path => path.startsWith('docs/'))
  const reached = new Set(['docs/README.md'])
  for (const path of reached) {
    for (const link of linksOf(texts.get(path) ?? ''))
      reached.add(posix.join(posix.dirname(path), link.split('#')[0] ?? ''))
  }
  expect(pages.filter(path => !reached.has(path))).toEqual([])
})

function linksOf(text: string): string[] {
  const prose = text.replace(/^(```|~~~)[\s\S]+?^\1/gm, '').replace(/`[^`\n]*`/g, '')
  return [
    ...prose.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)|(?:src|href)="([^"]+)"/g),
  ].map(match => (match[1] ?? match[2])!)
}

/** As GitHub makes them from headings. */
function anchorsOf(text: string): string[] {
  return [
    ...text.matchAll(/^#{1,6} (.*)$/gm),
  ].map(match => match[1]!.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'))
}
