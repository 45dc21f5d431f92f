import { defineCommand } from '../../command.ts'
import { argument, databaseName } from '../../input/parameters.ts'
import { textView } from '../../output/view.ts'

export const create = defineCommand({
  summary: 'Give this moment a name',
  description: 'Before a migration, say: howdah restore NAME COPY --point POINT brings it back.',
  examples: ['howdah restore-point create orders before-migration-42'],
  parameters: { name: databaseName, point: argument('POINT', 'its name', { field: '/name' }) },
  async run(context, { name, point }) {
    const made = await (await context.client()).restorePoints.create(name, point, { signal: context.terminal.signal })
    return textView(made, `This moment of ${name} is "${made.name}": ${made.at}, ${made.lsn}.`)
  },
})
