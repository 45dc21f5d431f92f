import type { Command, CommandTree } from '../../command.ts'
import type { Context } from '../../context.ts'
import { defineCommand } from '../../command.ts'
import { remainingArguments } from '../../input/parameters.ts'
import { formats } from '../../output/view.ts'

const patienceMs = 2_000
const globals = ['--output', '--url', '--project', '--help']

/** What the completion scripts ask: the words so far, the unfinished one last. Knows the commands, so it is given them. */
export function completeFrom(tree: () => CommandTree): Command {
  return defineCommand({
    summary: 'Answer a shell that completes a command line',
    parameters: { words: remainingArguments('WORDS', 'words so far, the unfinished one last', { required: false }) },
    async run(context, { words }) {
      const unfinished = words.at(-1) ?? ''
      const found = await candidates(context, tree(), words.slice(0, -1))
      context.terminal.out(found.filter(word => word.startsWith(unfinished)).map(word => `${word}\n`).join(''))
    },
  })
}

async function candidates(context: Context, tree: CommandTree, before: readonly string[]): Promise<readonly string[]> {
  const [noun = '', verb = ''] = before
  const entry = tree[noun]
  if (before.length === 0 || !entry)
    return before.length === 0 ? Object.keys(tree).filter(name => !isHidden(tree[name])) : []
  if (!('run' in entry) && before.length === 1)
    return Object.keys(entry.verbs)
  const command = 'run' in entry ? entry : entry.verbs[verb]
  if (!command)
    return []
  const words = before.slice('run' in entry ? 1 : 2)
  return await wordsFor(context, command, words)
}

function isHidden(entry: CommandTree[string] | undefined): boolean {
  return entry !== undefined && 'isHidden' in entry && entry.isHidden === true
}

async function wordsFor(context: Context, command: Command, words: readonly string[]): Promise<readonly string[]> {
  const parameters = Object.values(command.parameters)
  const last = words.at(-1) ?? ''
  if (last === '-o' || last === '--output')
    return formats
  const asked = parameters.find(({ kind, usage }) => kind === 'option' && takesValue(usage) && namesOf(usage).includes(last))
  if (asked)
    return asked.choices ?? []
  const options = [...parameters.filter(({ kind }) => kind === 'option').flatMap(({ usage }) => namesOf(usage).filter(name => name.startsWith('--'))), ...globals]
  const position = countArguments(parameters, words)
  const argument = parameters.filter(({ kind }) => kind === 'argument')[position]
  return argument?.completes === 'database' ? [...await databaseNames(context), ...options] : options
}

function countArguments(parameters: readonly { readonly kind: string, readonly usage: string }[], words: readonly string[]): number {
  const withValue = parameters.filter(({ kind, usage }) => kind === 'option' && takesValue(usage)).flatMap(({ usage }) => namesOf(usage))
  return words.filter((word, index) => !word.startsWith('-') && ![...withValue, '-o', '--output', '--url', '--project'].includes(words[index - 1] ?? '')).length
}

function takesValue(usage: string): boolean {
  return usage.includes('<')
}

/** `-f, --follow` and `--limit <count>` → the names in front of the value. */
function namesOf(usage: string): string[] {
  return usage.replace(/ *<.*$/, '').split(', ')
}

/** A shell that waits for a name must not wait for long, and an error is no name. */
async function databaseNames(context: Context): Promise<string[]> {
  try {
    const client = await context.client()
    const page = await client.databases.list({ limit: 200 }, { deadlineMs: patienceMs }).page()
    return page.items.map(({ name }) => name)
  }
  catch {
    return []
  }
}
