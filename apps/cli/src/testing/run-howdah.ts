import type { ScriptedAnswer, ScriptedRequest } from '@howdah/testkit'
import type { Terminal } from '../terminal.ts'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scriptedServer } from '@howdah/testkit'
import answers from '../recorded/answers.json' with { type: 'json' }
import { run } from '../run.ts'

/** Two minutes after the answers were recorded. */
const recordedAt = Date.parse('2026-11-21T04:03:00Z')

export interface Ran {
  readonly out: string
  readonly err: string
  readonly code: number
  readonly requests: readonly ScriptedRequest[]
}

/** `POST /api/databases` → its answer; a status after it names another answer that the real server gave. */
export type Answers = Readonly<Record<string, ScriptedAnswer>>
export const recorded: Answers = answers

const notFound: ScriptedAnswer = recorded['GET /api/databases/missing 404'] ?? { status: 404 }

export interface RunOptions {
  readonly terminal?: Partial<Terminal>
  readonly answers?: Answers
  readonly env?: Readonly<Record<string, string>>
  /** Called after each write to standard error. */
  readonly onErr?: () => void
}

/** Run a command line against recorded answers of the real server. The server's address reads as http://howdah.test. */
export async function runHowdah(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const server = await scriptedServer((request) => {
    const key = `${request.method} ${request.path}${request.query.get('dryRun') === 'true' ? '?dryRun' : ''}`
    return options.answers?.[key] ?? recorded[key] ?? notFound
  })
  let out = ''
  let err = ''
  const nowhere = join(tmpdir(), 'howdah-no-such-folder')
  const code = await run(words, {
    env: { HOWDAH_URL: server.url, HOWDAH_TOKEN: 'hwd_test', HOWDAH_CONFIG: join(nowhere, 'config.json'), HOWDAH_DATA_DIR: nowhere, ...options.env },
    out: text => out += text,
    err: (text) => {
      err += text
      options.onErr?.()
    },
    columns: undefined,
    hasColourOut: false,
    hasColourErr: false,
    isErrTerminal: false,
    isInteractive: false,
    readStdin: () => Promise.resolve(''),
    now: () => recordedAt,
    signal: new AbortController().signal,
    ...options.terminal,
  })
  await server.close()
  const public_ = (text: string): string => text.replaceAll(server.url, 'http://howdah.test').replaceAll(nowhere, '/nowhere')
  return { out: public_(out), err: public_(err), code, requests: server.requests }
}

/** How a run looks in a golden file. */
export function transcript(words: readonly string[], { out, err, code }: Ran): string {
  return `$ howdah ${words.join(' ')}\n${out}${err && `--- on standard error\n${err}`}--- exit code ${code}\n`
}
