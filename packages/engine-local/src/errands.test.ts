import type { Command } from './errands.ts'
import { execFile } from 'node:child_process'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { until } from '@howdah/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Errands } from './errands.ts'

let folder: string
let errands: Errands
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'howdah-test-'))
  errands = new Errands(undefined, true)
})
afterEach(async () => {
  errands.end()
  await rm(folder, { recursive: true })
})

it('runs programs one after the other, whoever asks', async () => {
  await Promise.all([
    errands.run('sh', ['-c', 'sleep 0.05; touch "$1"', 'sh', join(folder, 'first')]),
    errands.run('cp', [join(folder, 'first'), join(folder, 'second')]),
  ])
  await access(join(folder, 'second'))
})

it('takes what looks like a program for the word that it is', async () => {
  for (const word of [`$(touch ${folder}/trap)`, `'; touch ${folder}/trap; '`, `\`touch ${folder}/trap\``, '-n', '\\', ' a  b ', '*'])
    await errands.run('sh', ['-c', 'test "$1" = "$2"', 'sh', word, word])
  await expect(access(join(folder, 'trap'))).rejects.toThrow('ENOENT')
  await expect(errands.run('echo', [`one\ntouch ${folder}/trap`])).rejects.toThrow('line break')
})

it('fails with what the program said, and goes on', async () => {
  await expect(errands.run('cp', [join(folder, 'nothing'), folder])).rejects.toThrow(/cp ended with 1: .*nothing.*No such file/)
  await expect(errands.run('no-such-program', [])).rejects.toThrow('no-such-program ended with 127')
  await errands.run('true', [])
})

it('runs several at a time, each with its own words, and fails when one of them does', async () => {
  const meets = 'touch "$1"; shift; for other do until [ -e "$other" ]; do sleep 0.01; done; done'
  const all = ['here and', 'there', '$elsewhere'].map(name => join(folder, name))
  await errands.runTogether(all.map(mine => ['sh', ['-c', meets, 'sh', mine, ...all.filter(other => other !== mine)]]))
  const fails: Command = ['cp', [join(folder, 'nothing'), folder]]
  for (const commands of [[fails, ['true', []], ['true', []]], [['true', []], fails, ['true', []]], [['true', []], ['true', []], fails]] satisfies Command[][])
    await expect(errands.runTogether(commands)).rejects.toThrow(/nothing.*No such file/)
})

it('starts another shell when its own was killed', async () => {
  await expect(errands.run('sh', ['-c', 'kill -9 $PPID'])).rejects.toThrow('ended with a signal')
  await errands.run('true', [])
})

it('ends what runs, and runs nothing after it', async () => {
  const refused = expect(errands.run('sh', ['-c', 'echo $$ > "$1"; sleep 60', 'sh', join(folder, 'pid')])).rejects.toThrow('ended with')
  await until(async () => await access(join(folder, 'pid')).then(() => true, () => false), { deadlineMs: 10_000, what: 'it runs' })
  errands.end()
  await refused
  await until(async () => !(await promisify(execFile)('ps', ['-eo', 'args'])).stdout.includes(`${folder}/pid`), { deadlineMs: 10_000, what: 'it has ended' })
  await expect(errands.run('true', [])).rejects.toThrow('not run any more')
})
