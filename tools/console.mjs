/** Builds the console where its sources have changed since the last build, so that `npm start` always serves the present one. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'apps/console')
const dist = join(folder, 'dist')
const stamp = join(dist, 'sources.sha256')
const vite = join(root, 'node_modules/vite/bin/vite.js')

export async function ensureConsole() {
  const wanted = await hashOfSources()
  if (await readFile(stamp, 'utf8').catch(() => '') === wanted)
    return
  await build()
  await compress()
  // Last, so that an interrupted build is done again.
  await writeFile(stamp, wanted)
}

/** What the build is made of: the console, the SDK in it, and the versions of the packages. */
async function hashOfSources() {
  const hash = createHash('sha256')
  const paths = ['package-lock.json', ...(await Promise.all([
    filesOf('apps/console/src'),
    filesOf('apps/console/public'),
    filesOf('packages/sdk/src'),
  ])).flat(), 'apps/console/index.html', 'apps/console/vite.config.ts', 'tools/console.mjs']
  for (const path of paths.filter(path => !path.endsWith('.test.ts')).sort())
    hash.update(path).update('\0').update(await readFile(join(root, path))).update('\0')
  return hash.digest('hex')
}

async function filesOf(path) {
  const entries = await readdir(join(root, path), { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name).slice(root.length))
}

async function build() {
  const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn', '--config', join(folder, 'vite.config.ts')], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  let output = ''
  child.stdout.on('data', text => output += text)
  child.stderr.on('data', text => output += text)
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0)
    throw new Error(`The console could not be built:\n${output}`)
}

/** Beside each text file a smaller one in both encodings, so that the server compresses nothing while it answers. */
async function compress() {
  const texts = (await readdir(dist, { recursive: true })).filter(name => /\.(?:html|js|css|svg)$/.test(name))
  await Promise.all(texts.map(async (name) => {
    const body = await readFile(join(dist, name))
    const [br, gz] = await Promise.all([
      promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_SIZE_HINT]: body.length } }),
      promisify(gzip)(body, { level: 9 }),
    ])
    await Promise.all([writeFile(join(dist, `${name}.br`), br), writeFile(join(dist, `${name}.gz`), gz)])
  }))
}

if (import.meta.main)
  await ensureConsole()
