import type { Routes } from '../gateway/routes.ts'
import type { Place } from './place.ts'
import { followers } from './topology.ts'

/** Let the gateway lead to who holds the role, or to nobody. */
export async function lead({ db, link }: Pick<Place, 'db' | 'link'>, to: 'primary' | 'nobody'): Promise<void> {
  const { topology } = db
  if (!topology)
    throw new Error('a database of one instance has no gateway')
  const routes: Routes = {
    epoch: topology.epoch,
    host: db.installation.host,
    port: db.identity.port,
    readOnlyPort: topology.readOnlyPort,
    primary: to === 'primary' ? db.primary.port : null,
    replicas: followers(topology).map(({ port }) => port),
    allowedCidrs: db.applied?.spec.allowedCidrs ?? [],
  }
  await link.lead(routes)
}
