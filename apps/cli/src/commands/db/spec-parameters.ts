import { choice, flag, list, option, pairs } from '../../input/parameters.ts'
import { decimal, gibibytes, integer, mebibytes } from '../../input/values.ts'

/** What both `create` and `update` can set. */
export const specParameters = {
  storage: option('--storage <size>', 'storage, in GiB or like 100GiB', gibibytes, { field: '/storageGib' }),
  memory: option('--memory <size>', 'memory, in MiB or like 2GiB', mebibytes, { field: '/memoryMib' }),
  cpu: option('--cpu <cores>', 'cores; fractions are allowed', decimal, { field: '/cpu' }),
  instances: option('--instances <count>', 'PostgreSQL servers: the primary and its replicas', integer, { field: '/instances' }),
  durability: choice('--durability <mode>', 'whether a commit waits for a replica', ['async', 'sync'], { field: '/durability' }),
  label: pairs('--label <key=value>', 'label; may be repeated', { field: '/labels' }),
  param: pairs('--param <name=value>', 'PostgreSQL parameter; may be repeated', { field: '/parameters' }),
  extension: list('--extension <name>', 'extension that is on; may be repeated', { field: '/extensions' }),
  allowCidr: list('--allow-cidr <network>', 'network that may connect, or none; may be repeated', { field: '/allowedCidrs' }),
  protect: flag('--protect', 'refuse to delete it', { field: '/deletionProtection' }),
}

/** `--allow-cidr none` is how nobody is written. */
export function networks(words: readonly string[] | undefined): string[] | undefined {
  return words && words.filter(word => word !== 'none')
}
