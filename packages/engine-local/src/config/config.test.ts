import { expectGolden } from '@howdah/testkit'
import { describe, expect, it } from 'vitest'
import { hostAccessFile } from './pg-hba.ts'
import { serverSettings, settingsFile } from './settings.ts'

const place = {
  host: '127.0.0.1',
  port: 20_001,
  socketFolder: '/data/run/0123456789ab',
  logFolder: '/data/databases/id/instances/1/log',
  certificate: '/data/databases/id/instances/1/server.crt',
  certificateKey: '/data/databases/id/instances/1/server.key',
  hostAccess: '/data/databases/id/instances/1/pg_hba.conf',
  preload: 'pg_stat_statements',
  archiveCommand: 'archive %f %p',
}
const size = { memoryMib: 512, cpu: 1, storageGib: 10 }

describe('settings of a server', () => {
  it.each([14, 18])('for PostgreSQL %i are as reviewed', async (major) => {
    await expectGolden(import.meta.url, `postgresql-${major}.conf`, settingsFile(serverSettings({ ...size, parameters: {} }, { ...place, major })))
  })

  it('let the user\'s parameters win over our defaults and lose against what keeps the server ours', () => {
    const settings = serverSettings({ ...size, parameters: { work_mem: '9MB', port: '1', hba_file: '/tmp/x' } }, { ...place, major: 18 })
    expect(settings).toMatchObject({ work_mem: '9MB', port: '20001', hba_file: place.hostAccess })
  })

  it('are one line each, whatever a value holds', () => {
    const text = settingsFile({ a: 'it\'s\na \\ "trap"\r\nport = 1' })
    expect(text.split('\n').filter(line => line !== '')).toHaveLength(2)
    expect(text).toContain('a = \'it\'\'s\\na \\\\ "trap"\\r\\nport = 1\'')
  })
})

describe('who may connect', () => {
  it('is as reviewed', async () => {
    await expectGolden(import.meta.url, 'pg_hba.conf', hostAccessFile(['10.0.0.0/8', '2001:db8::/32']))
  })

  it('never includes trust, peer or a password in the clear', () => {
    const methods = hostAccessFile(['0.0.0.0/0']).split('\n').filter(line => line && !line.startsWith('#')).map(line => line.split(' ').at(-1))
    expect(new Set(methods)).toEqual(new Set(['scram-sha-256', 'reject']))
  })
})
