import { defineCommand } from '../../command.ts'
import { exitCodes } from '../../exit-codes.ts'

export const verify = defineCommand({
  summary: 'Check that the audit trail was not changed',
  description: 'Recomputes the hash chain of the project. Keep the head hash elsewhere to notice a chain that was replaced as a whole.',
  examples: ['howdah audit verify'],
  parameters: {},
  async run(context) {
    const result = await (await context.client()).audit.verify({ signal: context.terminal.signal, deadlineMs: 10 * 60_000 })
    return {
      data: result,
      text: ({ paint }) => result.ok
        ? `${paint('green', 'Unbroken')}: ${result.entries} entries, head ${result.headHash}\n`
        : `${paint('red', 'Broken')} at entry ${result.firstBroken?.id}: ${result.firstBroken?.detail}\n`,
      exitCode: exitCodes[result.ok ? 'ok' : 'failed'][0],
    }
  },
})
