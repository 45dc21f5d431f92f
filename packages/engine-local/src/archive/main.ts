/**
 * The program that servers archive with and restore from: `main.ts put ARCHIVE-FILE NAME PATH`, or `get`. It runs as
 * their account and needs nothing of the control plane, so that archiving goes on while that is away. It is copied
 * beside the data (copied-program.ts), with its neighbours and with what signs requests to S3.
 *
 * PostgreSQL takes 0 for done, 1 for "not now" or "there is none", and gives up on anything above 125: what is damaged
 * must never be taken for the end of the WAL.
 */
import process from 'node:process'
import { openArchiveFile } from './archive-file.ts'
import { sayable } from './sayable.ts'
import { archiveWal, restoreWal } from './wal-files.ts'

const [verb, archiveFile = '', name = '', path = ''] = process.argv.slice(2)
try {
  const archive = await openArchiveFile(archiveFile)
  if (verb === 'put')
    await archiveWal(archive, path, name)
  else if (!await restoreWal(archive, name, path))
    process.exitCode = 1
}
catch (error) {
  process.stderr.write(`howdah: ${name}: ${sayable(error)}\n`)
  process.exitCode = verb === 'put' ? 1 : 126
}
// Not left to Node, which waits for the threads of its compiler when nothing is left to do, and now and then for ever (nodejs/node#54918).
process.exit()
