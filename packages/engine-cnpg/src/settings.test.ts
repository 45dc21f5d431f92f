import { describe, expect, it } from 'vitest'
import { readSettings } from './settings.ts'

const image = 'ghcr.io/cloudnative-pg/postgresql:18.4-standard-trixie'

describe('settings of a location', () => {
  it('need no more than images', () => {
    expect(readSettings({ images: { 18: image } })).toMatchObject({
      images: [{ major: 18, version: '18.4', image }],
      kubeconfig: undefined,
      namespacePrefix: 'howdah-',
      reach: 'dns',
      maxInstances: 3,
      storageGrows: true,
    })
  })

  it('put the newest major first', () => {
    const { images } = readSettings({ images: { 16: 'x:16.1', 18: 'x:18.0', 17: { image: 'localhost/x:17', version: '17.2' } } })
    expect(images.map(({ version }) => version)).toEqual(['18.0', '17.2', '16.1'])
  })

  it('tell everything that is wrong with them at once, by name', () => {
    expect(() => readSettings({
      images: { 18: 'x:latest', 17: 'x:16.2', 9: 'x:9.6' },
      kubeconfig: 'relative',
      namespacePrefix: 'Bad_',
      reach: 'magic',
      domain: 'nodots',
      maxInstances: 0,
      cpuReserved: '1',
      controlPlaneCidrs: ['everywhere'],
      storageGrows: 'maybe',
      quota: 'much',
      podMonitor: { label: 'x' },
      tlsRoute: { gateway: 'databases' },
      backups: { url: 's3://x', bucket: 'y' },
      colour: 'blue',
    })).toThrow(/^(?=.*colour)(?=.*images\/18)(?=.*images\/17)(?=.*images\/9)(?=.*kubeconfig)(?=.*namespacePrefix)(?=.*reach)(?=.*domain)(?=.*maxInstances)(?=.*cpuReserved)(?=.*controlPlaneCidrs)(?=.*storageGrows)(?=.*quota)(?=.*podMonitor)(?=.*tlsRoute)(?=.*backups)/)
  })

  it('take a gateway with a domain, and not without', () => {
    const tlsRoute = { gateway: 'databases', namespace: 'gateways' }
    expect(readSettings({ images: { 18: image }, domain: 'db.example.org', tlsRoute }).tlsRoute).toEqual({ ...tlsRoute, sectionName: undefined, port: 5432, address: undefined })
    expect(() => readSettings({ images: { 18: image }, tlsRoute })).toThrow(/tlsRoute needs domain/)
  })

  it.each([
    [undefined, undefined],
    [false, undefined],
    [true, { labels: {}, namespace: undefined, interval: undefined }],
    [{ labels: { release: 'prometheus' }, namespace: 'monitoring', interval: '15s' }, { labels: { release: 'prometheus' }, namespace: 'monitoring', interval: '15s' }],
  ])('take %j for PodMonitors', (podMonitor, expected) => {
    expect(readSettings({ images: { 18: image }, podMonitor }).podMonitor).toEqual(expected)
  })

  it('take a catalogue instead of images, and not both', () => {
    expect(readSettings({ imageCatalog: 'postgresql' })).toMatchObject({ images: [], imageCatalog: 'postgresql' })
    expect(() => readSettings({ imageCatalog: 'postgresql', images: { 18: image } })).toThrow(/one of them/)
  })

  it('take snapshots with a place for WAL, and not without', () => {
    const backups = { url: 's3://archives/prod', credentialsFile: '/etc/howdah/s3' }
    expect(readSettings({ images: { 18: image }, backups, volumeSnapshotClass: 'fast' })).toMatchObject({ volumeSnapshotClass: 'fast' })
    expect(() => readSettings({ images: { 18: image }, volumeSnapshotClass: 'fast' })).toThrow(/volumeSnapshotClass needs backups/)
    expect(() => readSettings({ images: { 18: image }, backups, volumeSnapshotClass: 'No Class' })).toThrow(/name of a VolumeSnapshotClass/)
  })

  it('are refused without images', () => {
    expect(() => readSettings({})).toThrow(/images/)
  })
})
