import type { DatabaseRef } from '@howdah/engine'
import type { BucketSettings } from '../bucket.ts'
import type { Manifest } from '../kubernetes/objects.ts'
import { archiveOf, bucketSecret, managedBy, managedByLabel, ownLabels } from '../names.ts'

/**
 * What Barman needs beside each instance: it compresses, and holds parts of uploads in memory. Without limits a quota would refuse the pod.
 * A replica that becomes the primary asks the archive six times, one after the other, and each is a second of CPU: on a node that is
 * busy, a tenth of a core is what keeps that from being a minute.
 */
export const sidecarResources = {
  requests: { cpu: '100m', memory: '128Mi' },
  limits: { cpu: '1', memory: '512Mi' },
}

/** Where the archive of one database is. It outlives the database, and remembers what of the archive only we know. */
export function objectStoreManifest(ref: DatabaseRef, namespace: string, { bucket, ca, endpoint, prefix }: BucketSettings): Manifest & { readonly spec: object } {
  const key = (name: string): object => ({ name: bucketSecret, key: name })
  return {
    apiVersion: 'barmancloud.cnpg.io/v1',
    kind: 'ObjectStore',
    metadata: { name: archiveOf(ref.id), namespace, labels: ownLabels(ref) },
    spec: {
      configuration: {
        destinationPath: `s3://${[bucket, ...prefix === '' ? [] : [prefix]].join('/')}/`,
        endpointURL: endpoint,
        ...ca === undefined ? {} : { endpointCA: key('ca') },
        s3Credentials: { accessKeyId: key('id'), secretAccessKey: key('secret'), region: key('region') },
        wal: { compression: 'gzip' },
        // A checkpoint that takes its time would be most of the time of a backup.
        data: { compression: 'gzip', immediateCheckpoint: true },
      },
      instanceSidecarConfiguration: { resources: sidecarResources },
    },
  }
}

/** How the plugin gets into the bucket, for all databases of a namespace. */
export function bucketSecretManifest(namespace: string, { accessKeyId, ca, region, secretAccessKey }: BucketSettings): Manifest & { readonly stringData: object } {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: bucketSecret, namespace, labels: { [managedByLabel]: managedBy } },
    stringData: { id: accessKeyId, secret: secretAccessKey, region, ...ca === undefined ? {} : { ca } },
  }
}
