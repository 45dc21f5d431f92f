import type { HowdahClient } from '@howdah/sdk'
import type { Connection } from './connect/connection.ts'
import type { Context } from './context.ts'
import type { Format } from './output/view.ts'
import type { Invocation } from './program.ts'
import type { Terminal } from './terminal.ts'
import process from 'node:process'
import { createClient } from '@howdah/sdk'
import { CommanderError } from 'commander'
import { commands } from './commands/index.ts'
import { findConnection } from './connect/connection.ts'
import { exitCodes, outcomeOf } from './exit-codes.ts'
import { painter } from './output/paint.ts'
import { rendered, renderedRecord } from './output/view.ts'
import { buildProgram } from './program.ts'
import { errorReport } from './report-error.ts'
import { UsageError } from './usage-error.ts'
import { version } from './version.ts'

const helpWidth = 100

/** Run one command line; the answer is the exit code. */
export async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  let invocation: Invocation | undefined
  let connection: Connection | undefined
  try {
    invocation = await parse(normalized(words), terminal)
    if (!invocation)
      return 0
    const { command, raw, globals } = invocation
    const format = globals.output as Format // commander has refused all others.
    const style = { paint: painter(terminal.hasColourOut), width: terminal.columns, now: terminal.now() }
    const input = Object.fromEntries(Object.entries(command.parameters).map(([key, parameter]) => [key, parameter.read(raw[key])]))
    const options = { url: text(globals.url), project: text(globals.project) ?? terminal.env.HOWDAH_PROJECT }
    let client: Promise<HowdahClient> | undefined
    const context: Context = {
      terminal,
      options,
      connection: () => connection ??= findConnection(terminal, options),
      client: () => client ??= connected(context),
      record: view => terminal.out(renderedRecord(view, format, style)),
      hint: line => format === 'table' && terminal.err(`${line}\n`),
    }
    const answer = await command.run(context, input)
    if (typeof answer !== 'object')
      return answer ?? exitCodes[terminal.signal.aborted ? 'interrupted' : 'ok'][0]
    terminal.out(rendered(answer, format, style))
    return answer.exitCode ?? 0
  }
  catch (error) {
    const reason = terminal.signal.aborted ? terminal.signal.reason : error
    terminal.err(errorReport(reason, {
      command: invocation?.command,
      connection,
      words: invocation?.words ?? knownWords(words),
      paint: painter(terminal.hasColourErr),
    }))
    return exitCodes[outcomeOf(reason)][0]
  }
}

/** Other spellings that people try. */
function normalized(words: readonly string[]): readonly string[] {
  const [first = '', ...rest] = words
  if (first === '-V' || first === '--version')
    return ['version']
  return first === 'help' ? [...rest, '--help'] : words
}

/** Undefined: it was a question for help, and is answered. */
async function parse(words: readonly string[], terminal: Terminal): Promise<Invocation | undefined> {
  let invocation: Invocation | undefined
  const program = buildProgram(commands, {
    out: terminal.out,
    width: Math.min(terminal.columns ?? helpWidth, helpWidth),
    hasColour: terminal.hasColourOut,
    onInvocation: found => invocation = found,
  })
  try {
    await program.parseAsync([...words], { from: 'user' })
    return invocation
  }
  catch (error) {
    if (!(error instanceof CommanderError))
      throw error
    if (error.exitCode === 0 || error.code === 'commander.help')
      return undefined
    throw new UsageError(capitalized(error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ')))
  }
}

async function connected(context: Context): Promise<HowdahClient> {
  const { url, credential } = context.connection()
  const client = createClient({
    baseUrl: url,
    ...credential,
    headers: { 'user-agent': `howdah/${version} (${process.platform})` },
  })
  const { project } = context.options
  if (credential.apiKey === undefined || project === undefined)
    return client
  const me = await client.auth.me({ signal: context.terminal.signal })
  if (me.project.name !== project)
    throw new UsageError(`This API key is for the project ${me.project.name}, not ${project}`, `Sign in for it: howdah login --url ${url} --project ${project}`)
  return client
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function capitalized(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1)
}

/** `howdah db create`, as far as the words are known: for the hint after a command line that was not understood. */
function knownWords([noun = '', verb = '']: readonly string[]): string {
  const entry = commands[noun]
  if (!entry)
    return 'howdah'
  return 'verbs' in entry && entry.verbs[verb] ? `howdah ${noun} ${verb}` : `howdah ${noun}`
}
