import type { CopiedProgram } from './copied-program.ts'

/**
 * A segment of 16 MB over the slowest line that is supported takes two minutes (archive/s3-client.ts). What takes longer than this hangs:
 * in a file system that does not answer, or because somebody stopped it. PostgreSQL would wait for it for ever, and archive nothing more.
 */
const longestSeconds = 300

/**
 * What a script for `sh` says to run the program with an archive file; it is given a name and a path. A program that hangs is ended, where the
 * system has `timeout`: what was to be archived counts as refused then, is told of and tried again; what was to be restored does not count as missing, which
 * would be the end of the WAL, but ends the replay.
 */
export function archiveScript({ cache, main, node }: CopiedProgram, verb: 'put' | 'get', archiveFile: string, seconds = longestSeconds): string {
  const limit = verb === 'put' ? `timeout -k 5 ${seconds}` : `timeout -s KILL ${seconds}`
  return `NODE_COMPILE_CACHE=${quoted(cache)}; export NODE_COMPILE_CACHE
if command -v timeout >/dev/null; then set -- ${limit} ${[node, main, verb, archiveFile].map(quoted).join(' ')} "$1" "$2"
else set -- ${[node, main, verb, archiveFile].map(quoted).join(' ')} "$1" "$2"
fi
exec "$@"
`
}

function quoted(word: string): string {
  return `'${word.replaceAll('\'', '\'\\\'\'')}'`
}
