import { command } from '../command.ts'
import { root } from '../root.ts'

/**
 * Paths that differ from the branch `main`, committed or not; on `main` itself, from the commit before. Undefined where git
 * cannot tell: in a tree without history, or with too little of it.
 */
export async function changedFiles(tree: string = root): Promise<readonly string[] | undefined> {
  const git = async (...words: string[]): Promise<string> => (await command('git', ['-C', tree, ...words])).trim()
  try {
    const head = await git('rev-parse', 'HEAD')
    const fork = await git('merge-base', 'HEAD', 'origin/main').catch(async () => await git('merge-base', 'HEAD', 'main'))
    const base = fork === head ? await git('rev-parse', 'HEAD^') : fork
    return (await git('diff', '--name-only', base)).split('\n').filter(Boolean)
  }
  // Not knowing is an answer: `isChosen` says what follows from it.
  catch {
    return undefined
  }
}
