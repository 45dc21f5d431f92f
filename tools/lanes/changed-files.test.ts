import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { command } from '../command.ts'
import { changedFiles } from './changed-files.ts'

let tree: string
beforeEach(async () => {
  tree = await mkdtemp(join(tmpdir(), 'howdah-test-'))
  await git('init', '--quiet', '--initial-branch=main')
})
afterEach(async () => await rm(tree, { recursive: true }))

async function git(...words: string[]): Promise<void> {
  await command('git', ['-C', tree, '-c', 'user.name=test', '-c', 'user.email=test@example.org', ...words])
}

async function commit(file: string): Promise<void> {
  await writeFile(join(tree, file), file)
  await git('add', file)
  await git('commit', '--quiet', '--message', file)
}

describe('what changed', () => {
  it('on main is what its last commit and nobody has committed yet', async () => {
    await commit('first')
    await commit('second')
    await writeFile(join(tree, 'first'), 'edited')
    expect(await changedFiles(tree)).toEqual(['first', 'second'])
  })

  it('on a branch is everything since main', async () => {
    await commit('first')
    await git('switch', '--quiet', '--create', 'work')
    await commit('second')
    await commit('third')
    expect(await changedFiles(tree)).toEqual(['second', 'third'])
  })

  it('cannot be told of the only commit there is, or without git', async () => {
    await commit('first')
    expect(await changedFiles(tree)).toBeUndefined()
    await rm(join(tree, '.git'), { recursive: true })
    expect(await changedFiles(tree)).toBeUndefined()
  })
})
