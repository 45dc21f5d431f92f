import { Buffer } from 'node:buffer'
import { kubectl, kubectlReading } from '../../testbed/cloud/kubernetes.ts'
import { operator, operatorNamespace } from '../../testbed/cluster/addons/operator.ts'
import { postgresqlImage } from '../../testbed/cluster/build/images.ts'
import { applyObjects } from './objects.ts'

const name = 'first'

/** CloudNativePG as its release installs it. */
export async function startOperator(): Promise<void> {
  await applyObjects(await operator())
  await kubectl('--namespace', operatorNamespace, 'rollout', 'status', 'deployment/cnpg-controller-manager', '--timeout=420s')
}

/** A database on a local volume. Answers the version that somebody sees who logs in through its Service, with the password of its Secret. */
export async function startDatabase(): Promise<string> {
  await applyObjects([{
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    metadata: { name },
    spec: { instances: 1, imageName: postgresqlImage(17), storage: { size: '1Gi' } },
  }])
  await kubectl('wait', '--for=condition=Ready', `cluster/${name}`, '--timeout=540s')
  const password = Buffer.from(await kubectl('get', 'secret', `${name}-app`, '--output', 'jsonpath={.data.password}'), 'base64').toString()
  const login = ['psql', `host=${name}-rw user=app dbname=app sslmode=require`, '--tuples-only', '--no-align', '--command', 'show server_version']
  return await kubectlReading(password, 'exec', '--stdin', `${name}-1`, '--container', 'postgres', '--', 'sh', '-c', 'PGPASSWORD=$(cat) exec "$@"', 'sh', ...login)
}
