import type { Command, CommandTree, Parameter } from './command.ts'
import { Argument, Command as Commander, Option } from 'commander'
import { exitCodes } from './exit-codes.ts'
import { formats } from './output/view.ts'

/** What commander found on the command line. */
export interface Invocation {
  readonly command: Command
  /** `howdah db create`. */
  readonly words: string
  /** Values as commander collected them, by the name of the parameter. */
  readonly raw: Readonly<Record<string, unknown>>
  readonly globals: Readonly<Record<string, unknown>>
}

export interface ProgramOptions {
  readonly out: (text: string) => void
  readonly width: number
  readonly hasColour: boolean
  readonly onInvocation: (invocation: Invocation) => void
}

const epilogue = `
Without a login it works on the machine where the server runs. For another one:
  howdah login --url https://howdah.example.org
In scripts, set HOWDAH_URL and HOWDAH_TOKEN (an API key).

Exit codes:
${Object.values(exitCodes).map(([code, meaning]) => `  ${String(code).padEnd(4)} ${meaning}`).join('\n')}
`

/** The command line as commander knows it. It only finds out what is asked for; nothing runs here. */
export function buildProgram(tree: CommandTree, options: ProgramOptions): Commander {
  const program = configured(new Commander('howdah'), options)
    .description('Managed PostgreSQL, from laptop to cluster.')
    .usage('COMMAND [options]')
    .addOption(new Option('-o, --output <format>', 'how to print the answer').choices(formats).default('table'))
    .option('--url <url>', 'address of the server (HOWDAH_URL)')
    .option('--project <name>', 'project to work in (HOWDAH_PROJECT)')
    .addHelpText('after', ({ command }) => command.parent ? '' : epilogue)
  for (const [noun, entry] of Object.entries(tree)) {
    if ('run' in entry) {
      addCommand(program, noun, entry, options)
      continue
    }
    const group = configured(program.command(noun), options).description(entry.summary).usage('COMMAND [options]')
    for (const [verb, command] of Object.entries(entry.verbs))
      addCommand(group, verb, command, options)
  }
  return program
}

function configured(commander: Commander, { out, width, hasColour }: ProgramOptions): Commander {
  return commander
    .exitOverride()
    .helpOption('-h, --help', 'show this')
    .helpCommand(false)
    .configureOutput({
      writeOut: out,
      // A noun without a verb: its help is the answer.
      writeErr: out,
      // The report of an error is made in one place, from the error that is thrown.
      outputError: () => {},
      getOutHelpWidth: () => width,
      getErrHelpWidth: () => width,
      getOutHasColors: () => hasColour,
    })
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .showSuggestionAfterError(true)
}

function addCommand(parent: Commander, name: string, command: Command, options: ProgramOptions): void {
  const leaf = configured(parent.command(name, { hidden: command.isHidden ?? false }), options)
    .summary(command.summary)
    .description([command.summary, command.description].filter(Boolean).join('.\n\n'))
  const entries = Object.entries(command.parameters)
  const args = entries.filter(([, parameter]) => parameter.kind === 'argument')
  for (const [, parameter] of args)
    leaf.addArgument(new Argument(parameter.usage, parameter.description))
  const keys = new Map(entries.filter(([, { kind }]) => kind === 'option').map(([key, parameter]) => {
    const option = optionOf(parameter)
    leaf.addOption(option)
    return [key, option.attributeName()]
  }))
  if (command.examples)
    leaf.addHelpText('after', `\nExamples:\n${command.examples.map(example => `  ${example}`).join('\n')}\n`)
  leaf.action(() => {
    const values: Record<string, unknown> = leaf.opts()
    options.onInvocation({
      command,
      words: ['howdah', ...(parent.parent ? [parent.name()] : []), name].join(' '),
      raw: {
        ...Object.fromEntries(args.map(([key], index) => [key, leaf.processedArgs[index]])),
        ...Object.fromEntries([...keys].map(([key, attribute]) => [key, values[attribute]])),
      },
      globals: leaf.optsWithGlobals(),
    })
  })
}

function optionOf(parameter: Parameter<unknown>): Option {
  const option = new Option(parameter.usage, parameter.description)
  if (parameter.choices)
    option.choices(parameter.choices)
  if (parameter.isMany)
    option.argParser((value: string, before: readonly string[] = []) => [...before, value])
  return option
}
