import type { Check } from '../check.ts'
import { failed, passed } from '../check.ts'

const needed = ['identity', 'image', 'compute', 'network', 'placement']

/** Services without which no server starts have an endpoint, and something answers there. */
export const catalogue: Check = {
  name: 'catalogue',
  service: 'identity',
  async run(cloud) {
    const missing = needed.filter(service => !cloud.has(service))
    const answers = await Promise.all(cloud.services().map(async (service) => {
      const own = { name: 'catalogue', service }
      const url = cloud.endpoint(service)
      try {
        const { status } = await fetch(url, { signal: AbortSignal.timeout(20_000) })
        // Without a token most of them answer 401, which is an answer.
        return status < 500
          ? passed(own, url)
          : failed(own, `${url} answers ${status}`, 'the service runs but cannot work; its log says why')
      }
      catch (error) {
        const why = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
        return failed(own, `${url} does not answer: ${why}`, `is it running, and is that the right address? \`openstack endpoint list --service ${service}\``)
      }
    }))
    return [
      ...missing.map(service => failed({ name: 'catalogue', service }, `no ${service} endpoint for this region and interface`, 'compare OS_REGION_NAME and OS_INTERFACE with `openstack endpoint list`')),
      ...answers,
    ]
  },
}
