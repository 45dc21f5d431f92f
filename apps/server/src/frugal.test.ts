import { execFile } from 'node:child_process'
import process from 'node:process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)

/** Says who it is, what the system was told at its start, and what its children would inherit. */
const program = `
import { readFileSync } from 'node:fs'
import { becomeFrugal } from ${JSON.stringify(new URL('frugal.ts', import.meta.url).href)}
becomeFrugal('/nowhere/compiled')
const limits = names => names.filter(name => /^MALLOC_|^NODE_COMPILE_CACHE/.test(name)).sort()
console.log(JSON.stringify({
  pid: process.pid,
  flags: process.execArgv.filter(flag => flag.startsWith('--max-semi-space-size=')).length,
  told: limits(readFileSync('/proc/self/environ', 'utf8').split('\\0')),
  inherited: limits(Object.keys(process.env)),
  kept: process.env.KEPT,
}))`

async function become(env: Record<string, string> = {}) {
  const running = run(process.execPath, ['--input-type=module', '--eval', program], { env: { ...env, KEPT: 'as it was' } })
  const said = JSON.parse((await running).stdout) as { pid: number, flags: number, told: string[], inherited: string[], kept: string }
  expect(said.pid).toBe(running.child.pid)
  return said
}

it.skipIf(process.platform !== 'linux')('replaces the process once, which stays the same to whoever started it, and tells its children nothing', async () => {
  const { flags, inherited, kept, told } = await become()
  expect(flags).toBe(1)
  expect(told).toEqual(['MALLOC_ARENA_MAX=2', 'MALLOC_MMAP_THRESHOLD_=65536', 'MALLOC_TRIM_THRESHOLD_=65536', 'NODE_COMPILE_CACHE=/nowhere/compiled'])
  expect(inherited).toEqual([])
  expect(kept).toBe('as it was')
})

it.skipIf(process.platform !== 'linux')('leaves a limit as somebody set it', async () => {
  const { inherited, told } = await become({ MALLOC_ARENA_MAX: '7' })
  expect(told).toContain('MALLOC_ARENA_MAX=7')
  expect(inherited).toEqual(['MALLOC_ARENA_MAX'])
})
