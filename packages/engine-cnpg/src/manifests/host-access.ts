import { maintenanceDatabase, monitorRole } from '@howdah/postgres'
import { superuserName } from '../names.ts'

/**
 * Lines of `pg_hba.conf` between those of the operator (its own replication, by certificate) and its last one, which
 * would let everybody in. First match wins: always TLS, always a password, and from the allowed networks only.
 */
export function hostAccessRules(allowedCidrs: readonly string[], controlPlaneCidrs: readonly string[]): string[] {
  return [
    'hostnossl all all all reject',
    ...controlPlaneCidrs.flatMap(cidr => [
      `hostssl all ${superuserName} ${cidr} scram-sha-256`,
      `hostssl ${maintenanceDatabase} ${monitorRole} ${cidr} scram-sha-256`,
    ]),
    `host all ${superuserName},${monitorRole} all reject`,
    `host ${maintenanceDatabase},template1 all all reject`,
    ...allowedCidrs.map(cidr => `hostssl all all ${cidr} scram-sha-256`),
    'host all all all reject',
  ]
}
