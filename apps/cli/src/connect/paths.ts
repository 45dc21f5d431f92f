import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

type Env = Readonly<Record<string, string | undefined>>

/** What `howdah login` remembers. */
export function configPath(env: Env): string {
  return env.HOWDAH_CONFIG || join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'howdah', 'config.json')
}

/** What a server on this machine leaves for its own user: the same data folder as the server's, by the same rule. */
export function localPath(env: Env): string {
  return join(dataFolder(env), 'cli.json')
}

function dataFolder(env: Env): string {
  if (env.HOWDAH_DATA_DIR)
    return env.HOWDAH_DATA_DIR
  if (process.getuid?.() === 0)
    return '/var/lib/howdah'
  return join(env.XDG_DATA_HOME || join(env.HOME || homedir(), '.local', 'share'), 'howdah')
}
