import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

/** What tests need and the repository does not hold; kept between runs, outside the tree. Safe to delete. */
export const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'howdah-test')
