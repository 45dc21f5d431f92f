import type { Options } from './check.ts'
import type { Finding } from './finding.ts'
import type { Reach } from './reach.ts'
import { failed, runCheck } from './check.ts'
import { addresses } from './checks/addresses.ts'
import { networkAgents } from './checks/agents.ts'
import { catalogue } from './checks/catalogue.ts'
import { image } from './checks/image.ts'
import { journey } from './checks/journey.ts'
import { serviceLogs } from './checks/logs.ts'
import { networks } from './checks/networks.ts'
import { quota } from './checks/quota.ts'
import { room } from './checks/room.ts'
import { computeServices } from './checks/services.ts'
import { Cloud } from './cloud.ts'

const looks = [catalogue, computeServices, networkAgents, networks, room, quota, image, addresses, serviceLogs]

/** Everything that can be seen without making anything, and with `reach` the journey. */
export async function validate(env: Readonly<Record<string, string | undefined>>, options: Options, reach?: Reach): Promise<readonly Finding[]> {
  let cloud: Cloud
  try {
    cloud = await Cloud.signIn(env)
  }
  catch (error) {
    return [failed({ name: 'sign in', service: 'identity' }, error instanceof Error ? error.message : String(error), 'compare OS_AUTH_URL, the names of user, project and domains, and the password')]
  }
  const found = await Promise.all(looks.map(async check => await runCheck(check, cloud, options)))
  return [...found.flat(), ...(reach ? await runCheck(journey(reach), cloud, options) : [])]
}
