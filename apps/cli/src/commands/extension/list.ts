import { defineCommand } from '../../command.ts'
import { databaseName, flag } from '../../input/parameters.ts'
import { extensionList } from '../../views/contents.ts'

export const list = defineCommand({
  summary: 'List the extensions that a database can have',
  examples: ['howdah extension list orders', 'howdah extension list orders --on'],
  parameters: { name: databaseName, on: flag('--on', 'only those that are on') },
  async run(context, { name, on }) {
    const extensions = await (await context.client()).databases.extensions(name, { signal: context.terminal.signal }).toArray()
    return extensionList(extensions.filter(extension => !on || extension.enabled))
  },
})
