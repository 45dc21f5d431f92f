import { command } from '../command.ts'
import { root } from '../root.ts'

/**
 * Paths that differ from the branch `main`, committed or not; on `main` itself, from the commit before. Undefined where git
 * cannot tell: in a tree without history, or with too little of it.
 */
export async function changedFiles(): Promise<readonly string[] | undefined> {
  try {
    return (await git('diff', '--name-only', await base())).split('\n').filter(Boolean)
  }
  // Not knowing is an answer: `isChosen` says what follows from it.
  catch {
    return undefined
  }
}

async function base(): Promise<string> {
  const head = await git('rev-parse', 'HEAD')
  const fork = await git('merge-base', 'HEAD', 'origin/main').catch(async () => await git('merge-base', 'HEAD', 'main'))
  return fork === head ? await git('rev-parse', 'HEAD^') : fork
}

async function git(...words: string[]): Promise<string> {
  return (await command('git', ['-C', root, ...words])).trim()
}
