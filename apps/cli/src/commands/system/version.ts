import { defineCommand } from '../../command.ts'
import { textView } from '../../output/view.ts'
import { version as own } from '../../version.ts'

export const version = defineCommand({
  summary: 'Print the version of this command',
  parameters: {},
  async run() {
    return textView({ version: own }, `howdah ${own}`)
  },
})
