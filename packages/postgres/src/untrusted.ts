/**
 * Extensions that are never on offer, because with them the owner of a database could leave it or harm what is not
 * theirs. Matched by name of the extension; a trailing `*` stands for anything.
 * - languages: untrusted ones run any code as the server's account; the trusted Perl and Tcl depend on interpreters
 *   of the machine and put a second sandbox in the server for little use.
 * - `file_fdw`, `adminpack`, `pg_logicalinspect`: read or write files of the server.
 * - `pg_surgery`, `pageinspect`, `pg_walinspect`: bypass MVCC and privileges, or crash the server on bad input.
 * - `pg_buffercache`, `old_snapshot`: about the server as a whole, for its operator.
 * - `xml2`, `intagg`: deprecated by PostgreSQL; xml2 can be made to read files and URLs through libxml.
 */
const excludedExtensions = [
  'plperl*',
  'plpython*',
  'pltcl*',
  '*_plperl*',
  '*_plpython*',
  'file_fdw',
  'adminpack',
  'pg_logicalinspect',
  'pg_surgery',
  'pageinspect',
  'pg_walinspect',
  'pg_buffercache',
  'old_snapshot',
  'xml2',
  'intagg',
]

/** Libraries that belong to no extension on offer and that nobody here loads. */
const excludedLibraries = [
  'basebackup_to_shell',
  'basic_archive',
  'auth_delay',
  'passwordcheck',
  'pgxml',
]

const pattern = patternOf(excludedExtensions)
const filePattern = patternOf([
  ...excludedExtensions,
  ...excludedLibraries,
])

function patternOf(names: readonly string[]): RegExp {
  return new RegExp(`^(?:${names.map(name => name.replaceAll('*', '.*')).join('|')})$`)
}

export function isExcludedExtension(name: string): boolean {
  return pattern.test(name)
}

/** Whether a file of the PostgreSQL distribution is left behind when it is installed: what is not there cannot be loaded. */
export function isExcludedFile(fileName: string): boolean {
  const stem = fileName.replace(/(?:--.*)?\.(?:control|sql|so|dylib)$/, '')
  return stem !== fileName && filePattern.test(stem)
}
