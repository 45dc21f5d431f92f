import type { Terminal } from '../terminal.ts'
import process from 'node:process'
import { Interrupted } from '../process-terminal.ts'
import { UsageError } from '../usage-error.ts'

/** Ask for a line of text. Not on a terminal: refuse, and name the option that answers it. */
export async function askText(terminal: Terminal, message: string, instead: string, initialValue = ''): Promise<string> {
  if (!terminal.isInteractive)
    throw new UsageError(`${message} is missing, and there is nobody to ask`, `Give it with ${instead}.`)
  const { isCancel, text } = await import('@clack/prompts')
  const answer = await text({ message, initialValue, output: process.stderr, signal: terminal.signal })
  if (isCancel(answer))
    throw new Interrupted()
  return answer
}

/** A password from a hidden prompt, or from standard input. Never from a command line, which others can read. */
export async function askPassword(terminal: Terminal, message: string, fromStdin: boolean): Promise<string> {
  if (fromStdin) {
    const password = (await terminal.readStdin()).replace(/\r?\n$/, '')
    if (password === '')
      throw new UsageError('Standard input holds no password')
    return password
  }
  if (!terminal.isInteractive)
    throw new UsageError(`${message} is missing, and there is nobody to ask`, 'Pipe it in, with --password-stdin.')
  const { isCancel, password } = await import('@clack/prompts')
  const answer = await password({ message, output: process.stderr, signal: terminal.signal })
  if (isCancel(answer))
    throw new Interrupted()
  return answer
}

/** Before what cannot be undone: the name must be typed, or `--yes` given. */
export async function confirmName(terminal: Terminal, what: string, name: string, isSure: boolean | undefined): Promise<void> {
  if (isSure)
    return
  if (!terminal.isInteractive)
    throw new UsageError(`Deleting ${what} needs a confirmation, and there is nobody to ask`, 'Add --yes when you are sure.')
  const { isCancel, text } = await import('@clack/prompts')
  const answer = await text({ message: `This deletes ${what}. Type ${name} to go on:`, output: process.stderr, signal: terminal.signal })
  if (isCancel(answer))
    throw new Interrupted()
  if (answer.trim() !== name)
    throw new UsageError(`That was not ${name}: nothing was deleted`)
}
