import { execFile } from 'node:child_process'
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { until } from '@howdah/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { launcherOf } from './launcher.ts'

const run = promisify(execFile)
const launcher = launcherOf(undefined)

let folder: string
let log: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'howdah-test-'))
  log = join(folder, 'log')
  await writeFile(log, '')
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const launch = async (...command: string[]) => await launcher.launch({ folder, log, command })

it('tells the process that was started, where it is, and when it has ended', async () => {
  const { exited, pid } = await launch('sh', '-c', 'pwd; echo $$; exec sleep 60')
  await until(async () => (await readFile(log, 'utf8')).split('\n').length > 2, { deadlineMs: 10_000, what: 'it has spoken' })
  expect(await readFile(log, 'utf8')).toBe(`${folder}\n${pid}\n`)
  process.kill(pid, 'SIGKILL')
  await exited
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})

it('starts several side by side, each with a log of its own', async () => {
  const started = await Promise.all(['one', 'two', 'three'].map(async word => await launcher.launch({ folder, log: join(folder, word), command: ['echo', word] })))
  await Promise.all(started.map(async ({ exited }) => await exited))
  for (const word of ['one', 'two', 'three'])
    expect(await readFile(join(folder, word), 'utf8')).toBe(`${word}\n`)
})

it('takes what looks like a program for the word that it is', async () => {
  const words = ['$(touch trap)', '\'; touch trap; \'', '`touch trap`', '-n', '\\', ' a  b ', '*']
  await (await launch('printf', '<%s>\\n', ...words)).exited
  expect(await readFile(log, 'utf8')).toBe(words.map(word => `<${word}>\n`).join(''))
  await expect(access(join(folder, 'trap'))).rejects.toThrow('ENOENT')
  await expect(launch('echo', 'one\ntouch trap')).rejects.toThrow('line break')
})

it('leaves in the log why something was not run, and says that it has ended', async () => {
  await (await launch('no-such-program')).exited
  expect(await readFile(log, 'utf8')).toContain('no-such-program: not found')
})

it('leaves what it has started alone when its own shell is killed, still hears of its end, and starts others', async () => {
  const { exited, pid } = await launch('sleep', '60')
  const parentOf = async (child: string): Promise<string> => (await run('ps', ['-o', 'ppid=', '-p', child])).stdout.trim()
  const shell = await parentOf(await parentOf(String(pid)))
  process.kill(Number(shell), 'SIGKILL')
  await until(async () => await parentOf(await parentOf(String(pid))) !== shell, { deadlineMs: 10_000, what: 'the shell is gone' })
  const other = await launch('sleep', '60')
  for (const server of [{ exited, pid }, other]) {
    process.kill(server.pid, 'SIGKILL')
    await server.exited
  }
})
