import { defineCommand } from '../../command.ts'
import { argument } from '../../input/parameters.ts'
import { windowDetails } from '../../views/backup.ts'

/** As `howdah backup deleted` lists them. */
const id = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export const window = defineCommand({
  summary: 'Show from when to when a database can be restored',
  examples: ['howdah backup window orders', 'howdah backup window 3b0f2c1e-5d0a-4f0e-9c8f-6f1f3c5b7a90'],
  parameters: { name: argument('NAME', 'Name of the database, or id of a deleted one', { completes: 'database' }) },
  async run(context, { name }) {
    const { backups } = await context.client()
    const options = { signal: context.terminal.signal }
    return windowDetails(id.test(name) ? await backups.deletedWindow(name, options) : await backups.restoreWindow(name, options))
  },
})
