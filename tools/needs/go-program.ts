import { createHash } from 'node:crypto'
import { copyFile, cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { command } from '../command.ts'
import { exists } from '../exists.ts'
import { cache } from './cache.ts'
import { go } from './go.ts'

export interface GoProgram {
  readonly name: string
  readonly module: string
  /** Without the `v`. Exactly this one: the module proxy does not hold every version of every module. */
  readonly version: string
  /** Path below the module; the module itself where absent. */
  readonly package?: string
  /** A Go file with a main of our own, where the module is a library. */
  readonly main?: string
  /** Where it is built with programs of other modules. */
  readonly workspace?: GoWorkspace
  /** Modules that its go.mod asks for as v0.0.0 and replaces by folders beside it. Replacements do not reach us, so they get this version. */
  readonly staging?: { readonly prefix: string, readonly version: string }
  /** Other replacements that its go.mod asks for, as `module => module version`. They do not reach us either. */
  readonly replacements?: readonly string[]
  /** What the linker writes into variables. */
  readonly variables?: Readonly<Record<string, string>>
}

/** What programs of several modules, and of our own, are built in: one set of versions of what they all need. Its own module is `howdah`. */
export interface GoWorkspace {
  readonly name: string
  /** As `module version`. */
  readonly requirements: readonly string[]
  /** Folders with packages of our own, called as the folder is. */
  readonly sources: readonly string[]
}

/** Path of the program, built from its Go module when it is not there yet. One file for each version, kept for good. */
export async function goProgram(program: GoProgram, folder = join(cache, 'go')): Promise<string> {
  const path = join(folder, `${program.name}-${program.version}`)
  if (await exists(path))
    return path
  const source = await prepareModule(program, folder)
  const drafts = await mkdtemp(join(folder, 'new-'))
  try {
    await compile([program], source, join(drafts, program.name))
    await rename(join(drafts, program.name), path)
  }
  finally {
    await rm(drafts, { recursive: true })
  }
  return path
}

/**
 * The same for several of one module or one workspace, each called as its package is. One build of all spares what each would look up anew,
 * and links one while it compiles another.
 */
export async function goPrograms(programs: readonly GoProgram[], folder: string): Promise<void> {
  const missing = []
  for (const program of programs) {
    if (!await exists(join(folder, `${program.name}-${program.version}`)))
      missing.push(program)
  }
  const [first] = missing
  if (!first)
    return
  const source = await prepareModule(first, folder)
  const drafts = await mkdtemp(join(folder, 'new-'))
  try {
    await compile(missing, source, `${drafts}/`)
    for (const { name, version } of missing)
      await rename(join(drafts, name), join(folder, `${name}-${version}`))
  }
  finally {
    await rm(drafts, { recursive: true })
  }
}

/** Compiler and linker are programs in Go too: short, so they rather take memory than collect it. */
async function compile(programs: readonly GoProgram[], source: string, output: string): Promise<void> {
  const names = programs.map(({ name, version }) => `${name} ${version}`).join(', ')
  console.log(`building ${names} …`)
  const begun = performance.now()
  const variables = Object.entries(programs[0]?.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`)
  await command(await go(), [
    'build',
    // The main that is built here has a go.mod of its own, which Go completes.
    '-mod=mod',
    // The linker leaves what debuggers read out, so the compiler need not write it.
    '-gcflags',
    'all=-dwarf=false',
    '-ldflags',
    ['-s', '-w', ...variables].join(' '),
    '-o',
    output,
    ...programs.map(({ main, module, package: path }) => main ? '.' : [module, path].filter(Boolean).join('/')),
  ], { cwd: source, env: { CGO_ENABLED: '0', GOGC: '400' } })
  console.log(`built ${names} in ${Math.round((performance.now() - begun) / 1000)} s`)
}

/** Where the module's own files are, read-only. */
export async function goModuleFolder({ module, version }: Pick<GoProgram, 'module' | 'version'>): Promise<string> {
  const answer = await command(await go(), ['mod', 'download', '-json', `${module}@v${version}`])
  return (JSON.parse(answer) as { Dir: string }).Dir // written by Go
}

/** Programs of one module or workspace share a folder, so that its dependencies are resolved once. */
async function prepareModule(program: GoProgram, folder: string): Promise<string> {
  const source = join(folder, 'modules', sourceName(program))
  await mkdir(source, { recursive: true })
  if (!await exists(join(source, 'go.mod'))) {
    const requirements = program.workspace?.requirements ?? [`${program.module} v${program.version}`, ...await stagingRequirements(program)]
    await writeFile(join(source, 'go.mod'), ['module howdah', '', 'go 1.26', '', ...requirements.map(requirement => `require ${requirement}`), ...(program.replacements ?? []).map(replacement => `replace ${replacement}`), ''].join('\n'))
  }
  for (const own of program.workspace?.sources ?? []) {
    await rm(join(source, basename(own)), { recursive: true, force: true })
    await cp(own, join(source, basename(own)), { recursive: true })
  }
  if (program.main)
    await copyFile(program.main, join(source, 'main.go'))
  return source
}

function sourceName({ main, module, name, version, workspace }: GoProgram): string {
  if (workspace)
    return `${workspace.name}-${createHash('sha256').update(workspace.requirements.join('\n')).digest('hex').slice(0, 16)}`
  return `${main ? name : module.replaceAll('/', '-')}-${version}`
}

async function stagingRequirements(program: GoProgram): Promise<string[]> {
  if (!program.staging)
    return []
  const { prefix, version } = program.staging
  const goMod = await readFile(join(await goModuleFolder(program), 'go.mod'), 'utf8')
  const names = [...goMod.matchAll(/^\s*(\S+) v0\.0\.0$/gm)].map(([, name = '']) => name)
  return names.filter(name => name.startsWith(prefix)).map(name => `${name} v${version}`)
}
