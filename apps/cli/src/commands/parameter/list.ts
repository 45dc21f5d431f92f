import { defineCommand } from '../../command.ts'
import { databaseName, flag, text } from '../../input/parameters.ts'
import { parameterList } from '../../views/contents.ts'

export const list = defineCommand({
  summary: 'List the PostgreSQL parameters of a database',
  examples: ['howdah parameter list orders --changed', 'howdah parameter list orders --search work_mem'],
  parameters: {
    name: databaseName,
    changed: flag('--changed', 'only those that are not at their default'),
    search: text('--search <text>', 'only with this text in name, category or description'),
  },
  async run(context, { name, changed, search = '' }) {
    const parameters = await (await context.client()).databases.parameters(name, { signal: context.terminal.signal }).toArray()
    return parameterList(parameters.filter(parameter =>
      (!changed || parameter.isChanged)
      && `${parameter.name} ${parameter.category} ${parameter.description}`.toLowerCase().includes(search.toLowerCase())))
  },
})
