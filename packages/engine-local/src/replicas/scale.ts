import type { Database } from '../database.ts'
import type { PortBook } from '../ports.ts'
import type { Members } from './members.ts'
import type { Place } from './place.ts'
import { randomBytes } from 'node:crypto'
import { iterationsForMachines, maintenanceDatabase, quoteLiteral, replicationRole, scramVerifier } from '@howdah/postgres'
import { stopServer } from '../server-control.ts'
import { removeStubbornly } from '../trash.ts'
import { lead } from './lead.ts'
import { reconfigure } from './reconfigure.ts'
import { dropSlot } from './slots.ts'
import { setTopology, writeTopology } from './topology.ts'

/** Put on record that there is a gateway. The server still listens at the address; it moves with its next start. */
export async function beginTopology(db: Database, ports: PortBook): Promise<void> {
  const [port, readOnlyPort] = [await ports.reserve(db.ref.id), await ports.reserve(db.ref.id)]
  await writeTopology(db, {
    format: 1,
    epoch: 1,
    primary: 1,
    isPromoted: true,
    members: [{ ordinal: 1, port, state: 'replica' }],
    readOnlyPort,
    replicationPassword: randomBytes(32).toString('base64url'),
    durability: 'async',
    switchover: '',
    pendingSwitchover: '',
  })
}

/** The role that replicas stream as: no superuser, and `pg_hba.conf` lets it in for nothing else. */
export async function ensureReplicationRole(db: Database): Promise<void> {
  const verifier = await scramVerifier(db.topology?.replicationPassword ?? '', iterationsForMachines)
  await db.asSuperuser(maintenanceDatabase, async (session) => {
    const [known] = await session.query('select from pg_roles where rolname = $1', [replicationRole])
    await session.query(`${known ? 'alter' : 'create'} role ${replicationRole} login replication connection limit -1 password ${quoteLiteral(verifier)}`)
  })
}

/** Have so many instances on record. New ones are copied in the background, by `Members`. */
export async function grow(db: Database, ports: PortBook, instances: number): Promise<void> {
  const members = [...db.topology?.members ?? []]
  for (let ordinal = 1; members.length < instances; ordinal++) {
    if (!members.some(member => member.ordinal === ordinal))
      members.push({ ordinal, port: await ports.reserve(db.ref.id), state: 'new' })
  }
  await setTopology(db, { members: members.sort((a, b) => a.ordinal - b.ordinal) })
  await reconfigure(db)
}

/** Take replicas away, those first that follow least. First no commit waits for one, then it is off the record, then gone. */
export async function shrink(place: Place, members: Members, ports: PortBook, instances: number): Promise<void> {
  const { db } = place
  while (db.topology && db.topology.members.length > instances) {
    const { topology } = db
    const replicas = topology.members.filter(({ ordinal }) => ordinal !== topology.primary).reverse()
    const leaving = replicas.find(({ state }) => state === 'new') ?? replicas.find(({ ordinal }) => members.lagOf(ordinal) === undefined) ?? replicas[0]
    if (!leaving)
      return
    const instance = db.instance(leaving.ordinal)
    await members.cancel(leaving.ordinal)
    const staying = topology.members.filter(({ ordinal }) => ordinal !== leaving.ordinal)
    db.topology = { ...topology, members: staying }
    await reconfigure(db)
    await setTopology(db, { members: staying })
    await lead(place, 'primary')
    await stopServer(db, 'fast', instance)
    await dropSlot(db, leaving.ordinal)
    await removeStubbornly(instance.paths.instance)
    ports.free(leaving.port)
  }
}
