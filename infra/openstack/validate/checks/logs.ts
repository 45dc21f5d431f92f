import type { Check } from '../check.ts'
import { glob, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { failed, passed, skipped } from '../check.ts'

/** As oslo.log writes it: date, time, process, level. A trace repeats the level on each of its lines. */
const isError = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d+ \d+ (?:ERROR|CRITICAL) (?!.*Traceback)/

/** Services' logs hold no errors since their last start. Only where the logs are: on the controller itself. */
export const serviceLogs: Check = {
  name: 'logs',
  service: 'every service',
  async run(_, { logs }) {
    if (!logs)
      return [skipped(this, 'run it on the controller with --logs /var/log to have them read')]
    const files = (await Array.fromAsync(glob(['{keystone,glance,nova,neutron,placement,cinder}/*.log', '{keystone,glance,nova,neutron,placement,cinder}*.log'], { cwd: logs }))).sort()
    if (files.length === 0)
      return [failed(this, `${logs} holds no log of an OpenStack service`, 'name the folder that holds keystone/, nova/ and so on', logs)]
    return await Promise.all(files.map(async (file) => {
      const service = basename(file, '.log')
      const lines = sinceStart((await readFile(join(logs, file), 'utf8')).split('\n'))
      const errors = lines.filter(line => isError.test(line))
      const last = errors.at(-1)
      return last
        ? failed({ name: 'logs', service }, `${errors.length} errors since its start`, 'read from the first one on: later ones are often its consequence', `${file}: ${last.slice(0, 200)}`)
        : passed({ name: 'logs', service }, `${file}: no error since its start`)
    }))
  },
}

/** A service writes its name and version when it starts; what was before is another life. */
function sinceStart(lines: readonly string[]): readonly string[] {
  return lines.slice(Math.max(0, lines.findLastIndex(line => / INFO .*(?:Starting .* node|starting with version|Logging enabled)/i.test(line))))
}
