import { defineCommand } from '../../command.ts'
import { argument } from '../../input/parameters.ts'
import { textView } from '../../output/view.ts'
import { UsageError } from '../../usage-error.ts'

/** Each asks this command itself what fits, so that it knows the databases too. */
const scripts: Readonly<Record<string, string>> = {
  bash: `_howdah() {
  local IFS=$'\\n'
  COMPREPLY=($(howdah complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _howdah howdah`,
  zsh: `#compdef howdah
_howdah() {
  local -a found
  found=("\${(@f)$(howdah complete -- "\${words[@]:1:$((CURRENT - 1))}" 2>/dev/null)}")
  compadd -a found
}
compdef _howdah howdah`,
  fish: `complete -c howdah -f -a '(howdah complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'`,
}

export const completion = defineCommand({
  summary: 'Print the completion script of a shell',
  examples: [
    'source <(howdah completion bash)',
    'howdah completion zsh > ~/.zsh/completions/_howdah',
    'howdah completion fish > ~/.config/fish/completions/howdah.fish',
  ],
  parameters: { shell: argument('SHELL', 'bash, zsh or fish') },
  async run(_context, { shell }) {
    const script = scripts[shell]
    if (script === undefined)
      throw new UsageError(`There is no completion for "${shell}"`, `Choose one of ${Object.keys(scripts).join(', ')}.`)
    return textView({ shell, script }, script)
  },
})
