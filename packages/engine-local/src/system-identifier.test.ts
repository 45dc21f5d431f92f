import { Buffer } from 'node:buffer'
import { cp, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { placeOf } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { crc32c } from './crc32c.ts'
import { databasePaths } from './paths.ts'
import { findPostmaster } from './process.ts'
import { renewSystemIdentifier } from './system-identifier.ts'
import { testEngine } from './testing/local-engine.ts'

describe('system identifiers', () => {
  let test: Awaited<ReturnType<typeof testEngine>>
  beforeAll(async () => {
    test = await testEngine()
  }, 60_000)
  afterAll(async () => await test.remove())

  it.each([18, 17, 16, 15, 14])('of databases of PostgreSQL %i are their own, and their checksums right', async (version) => {
    const seen = new Set<string>()
    for (let index = 0; index < 2; index++) {
      const spec = await test.database({ version })
      const client = await test.connect(spec)
      const { rows } = await client.query<{ version: string, checksums: string, encoding: string, collate: string }>(`
        select current_setting('server_version') as version, current_setting('data_checksums') as checksums,
          current_setting('server_encoding') as encoding, datcollate as collate
        from pg_database where datname = current_database()`)
      expect(rows).toEqual([{ version: expect.stringMatching(new RegExp(`^${version}\\.`)), checksums: 'on', encoding: 'UTF8', collate: 'C' }])
      // It writes WAL under the new identifier and recovers from it.
      await client.query('create table t as select generate_series(1, 1000) as n')
      await client.end()
      const { pid } = await postmaster(spec)
      process.kill(pid, 'SIGKILL')
      await test.becomes(spec, 'restarting')
      await test.becomes(spec, 'ready')
      const again = await test.connect(spec)
      expect((await again.query('select count(*)::int as n from t')).rows).toEqual([{ n: 1000 }])
      seen.add((await again.query<{ id: string }>('select system_identifier::text as id from pg_control_system()')).rows[0]?.id ?? '')
      await again.end()
    }
    expect(seen.size).toBe(2)
  }, 60_000)

  it('are not written into what is no data folder of a known shape', async () => {
    const [template] = await readdir(join(test.dataDir, 'templates'))
    const copy = join(test.dataDir, 'copy')
    await cp(join(test.dataDir, 'templates', template ?? '', 'data'), copy, { recursive: true })
    await writeFile(join(copy, 'global', 'pg_control'), Buffer.alloc(8192, 1))
    await expect(renewSystemIdentifier(copy)).rejects.toThrow(/checksum/)
  })

  async function postmaster(spec: { id: string }): Promise<{ pid: number }> {
    return await findPostmaster(databasePaths(await placeOf(test.dataDir, spec.id)).data) ?? { pid: 0 }
  }
})

describe('CRC-32C', () => {
  it('is Castagnoli\'s', () => {
    // RFC 3720, appendix B.4, and the check value of the catalogue of CRCs.
    expect(crc32c(Buffer.from('123456789'))).toBe(0xE3069283)
    expect(crc32c(Buffer.alloc(32))).toBe(0x8A9136AA)
    expect(crc32c(Buffer.alloc(32, 0xFF))).toBe(0x62A8AB43)
  })
})
