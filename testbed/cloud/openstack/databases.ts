import { endpoints, region } from '../layout.ts'
import { inside } from '../machine.ts'

/** Each database and the account that it belongs to. */
const databases = [
  ['keystone', 'keystone'],
  ['placement', 'placement'],
  ['glance', 'glance'],
  ['neutron', 'neutron'],
  ['nova', 'nova'],
  ['nova_api', 'nova'],
  ['nova_cell0', 'nova'],
] as const

export async function createDatabases(secret: string): Promise<void> {
  const statements = databases.flatMap(([database, user]) => [
    `CREATE DATABASE ${database} CHARACTER SET utf8mb3;`,
    ...['127.0.0.1', 'localhost'].map(host => `GRANT ALL ON ${database}.* TO '${user}'@'${host}' IDENTIFIED BY '${secret}';`),
  ])
  await inside(['mariadb'], { input: statements.join('\n') })
}

/** Keystone's schema, keys, administrator and own endpoint. */
export async function fillIdentity(secret: string): Promise<void> {
  await inside(['keystone-manage', 'db_sync'], { user: 'keystone' })
  for (const kind of ['fernet_setup', 'credential_setup'])
    await inside(['keystone-manage', kind, '--keystone-user', 'keystone', '--keystone-group', 'keystone'])
  const url = endpoints.identity
  const words = ['keystone-manage', 'bootstrap', '--bootstrap-admin-url', url, '--bootstrap-internal-url', url, '--bootstrap-public-url', url, '--bootstrap-region-id', region]
  // Arguments can be read by everybody on this machine.
  await inside(['sh', '-euc', 'OS_BOOTSTRAP_PASSWORD=$(cat) exec "$@"', 'sh', ...words], { user: 'keystone', input: secret })
}

/** The schemas of all others, in two rows: there are two cores. */
export async function fillOthers(): Promise<void> {
  const nova = async (...words: string[]) => await inside(['nova-manage', ...words], { user: 'nova' })
  const rest = async () => {
    await inside(['neutron-db-manage', '--config-file=/etc/neutron/neutron.conf', '--config-file=/etc/neutron/plugins/ml2/ml2_conf.ini', 'upgrade', 'heads'], { user: 'neutron' })
    await inside(['placement-manage', 'db', 'sync'], { user: 'placement' })
    await inside(['glance-manage', 'db_sync'], { user: 'glance' })
  }
  const cells = async () => {
    await nova('api_db', 'sync')
    await nova('cell_v2', 'map_cell0')
    await nova('db', 'sync')
    await nova('cell_v2', 'create_cell', '--name', 'cell1')
  }
  await Promise.all([rest(), cells()])
}
