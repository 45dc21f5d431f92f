import type { ArchiveReport } from '../../views/archive.ts'
import { defineCommand } from '../../command.ts'
import { argument, flag, text } from '../../input/parameters.ts'
import { askArchives } from '../../server-program.ts'
import { archiveList } from '../../views/archive.ts'

export const inspect = defineCommand({
  summary: 'Show what archives hold, without a control plane',
  description: 'PLACE is the folder or the s3:// address of the archives. All that is needed is the key of the installation, secret.key in its data directory.',
  examples: [
    'howdah backup inspect /srv/howdah/backups --key secret.key',
    'howdah backup inspect "s3://company-backups/howdah?endpoint=https://s3.example.org" --credentials s3 --key secret.key --verify',
  ],
  parameters: {
    place: argument('PLACE', 'folder or s3:// address of the archives'),
    key: text('--key <file>', 'the key of the installation'),
    credentials: text('--credentials <file>', 'the access key, for an s3:// address'),
    verify: flag('--verify', 'read every object and see that it is whole'),
  },
  async run({ terminal }, { place, verify = false, ...access }) {
    return archiveList(askArchives<readonly ArchiveReport[]>(terminal, ['inspect', place], { ...access, verify }), verify)
  },
})
