import type { Context } from '../conformance.ts'
import type { DatabaseSpec } from '../spec.ts'
import { describe, expect, it } from 'vitest'

export function plansSuite(context: Context): void {
  describe('plans', () => {
    const shared = context.shared(async () => ({ spec: await context.database({ storageGib: 20 }) }))

    it('capabilities are in order: newest major first, defaults on offer and within their limits', async () => {
      const { cpu, defaultVersion, maxInstances, memory, storage, versions } = await context.engine.capabilities()
      const majors = versions.map(({ major }) => major)
      expect(majors).toEqual([...majors].sort((a, b) => b - a))
      expect(majors).toContain(defaultVersion)
      for (const { major, source, version } of versions) {
        expect(version).toMatch(new RegExp(`^${major}\\.\\d+$`))
        expect(source).not.toBe('')
      }
      expect(maxInstances).toBeGreaterThanOrEqual(1)
      for (const [least, usual, most] of [
        [storage.minGib, storage.defaultGib, storage.maxGib],
        [cpu.min, cpu.default, cpu.max],
        [memory.minMib, memory.defaultMib, memory.maxMib],
      ] as const) {
        expect(least).toBeLessThanOrEqual(usual)
        expect(usual).toBeLessThanOrEqual(most)
      }
    })

    it('asking for a plan changes nothing', async () => {
      const spec = context.spec()
      const before = (await context.engine.list()).map(({ ref }) => ref.id)
      const plan = await context.engine.plan(spec)
      expect(plan.steps.length).toBeGreaterThan(0)
      expect(plan.interruption).toBe('none')
      expect((await context.engine.list()).map(({ ref }) => ref.id)).toEqual(before)
    })

    it('every value that cannot be is refused with a pointer to its field', async () => {
      const { maxInstances, memory, storage } = await context.engine.capabilities()
      const cases: [Partial<DatabaseSpec>, string][] = [
        [
          { version: 9 },
          '/version',
        ],
        [
          { instances: 0 },
          '/instances',
        ],
        [
          { instances: maxInstances + 1 },
          '/instances',
        ],
        [
          { durability: 'sync' },
          '/durability',
        ],
        [
          { storageGib: 0 },
          '/storageGib',
        ],
        [
          { storageGib: storage.maxGib + 1 },
          '/storageGib',
        ],
        [
          { storageGib: Number.NaN },
          '/storageGib',
        ],
        [
          { memoryMib: memory.minMib - 1 },
          '/memoryMib',
        ],
        [
          { memoryMib: memory.maxMib + 1 },
          '/memoryMib',
        ],
        [
          { cpu: 0 },
          '/cpu',
        ],
        [
          { database: 'template1' },
          '/database',
        ],
        [
          {
            owner: { user: 'pg_monitor', password: 'x' },
          },
          '/owner/user',
        ],
        [
          {
            owner: { user: 'howdah_admin', password: 'x' },
          },
          '/owner/user',
        ],
        [
          {
            extensions: ['pgcrypto', 'no_such_extension'],
          },
          '/extensions/1',
        ],
        [
          {
            extensions: ['plpython3u'],
          },
          '/extensions/0',
        ],
        [
          {
            extensions: ['file_fdw'],
          },
          '/extensions/0',
        ],
        [
          {
            allowedCidrs: ['10.0.0.0/8', 'everywhere'],
          },
          '/allowedCidrs/1',
        ],
        [
          {
            parameters: { no_such_parameter: '1' },
          },
          '/parameters/no_such_parameter',
        ],
        [
          {
            parameters: { work_mem: 'plenty' },
          },
          '/parameters/work_mem',
        ],
        [
          {
            parameters: { work_mem: '1kB' },
          },
          '/parameters/work_mem',
        ],
        [
          {
            parameters: { max_connections: '0' },
          },
          '/parameters/max_connections',
        ],
        [
          {
            parameters: { max_connections: '10MB' },
          },
          '/parameters/max_connections',
        ],
        [
          {
            parameters: { wal_compression: 'sometimes' },
          },
          '/parameters/wal_compression',
        ],
      ]
      for (const [change, pointer] of cases) {
        const { refusals } = await context.engine.plan(context.spec(change))
        expect(refusals.map(refusal => refusal.pointer), JSON.stringify(change)).toContain(pointer)
        expect(refusals.every(({ detail }) => detail.length > 0)).toBe(true)
      }
    })

    it('what decides about files, libraries, access and addresses is no parameter for users', async () => {
      const forbidden = [
        'listen_addresses',
        'port',
        'hba_file',
        'data_directory',
        'shared_preload_libraries',
        'session_preload_libraries',
        'local_preload_libraries',
        'dynamic_library_path',
        'archive_command',
        'restore_command',
        'ssl',
        'ssl_passphrase_command',
        'log_directory',
        'unix_socket_directories',
        'fsync',
        'allow_system_table_mods',
        'session_replication_role',
        'password_encryption',
      ]
      const parameters = Object.fromEntries(forbidden.map(name => [name, 'x']))
      const { refusals } = await context.engine.plan(context.spec({ parameters }))
      expect(refusals.map(({ pointer }) => pointer).sort()).toEqual(forbidden.map(name => `/parameters/${name}`).sort())
    })

    it('a database keeps its version, its names and its storage', async () => {
      const { spec } = await shared()
      const { versions } = await context.engine.capabilities()
      const other = versions.find(({ major }) => major !== spec.version)
      const { refusals } = await context.engine.plan({
        ...spec,
        generation: 2,
        storageGib: 10,
        ...other
          ? { version: other.major }
          : {},
      })
      const pointers = refusals.map(({ pointer }) => pointer)
      expect(pointers).toContain('/storageGib')
      if (other)
        expect(pointers).toContain('/version')
    })

    it('neither a plan nor an observation repeats a password', async () => {
      const { spec } = await shared()
      const rotated = {
        ...spec,
        generation: 2,
        owner: { ...spec.owner, password: `second-${crypto.randomUUID()}` },
      }
      const said = JSON.stringify([await context.engine.plan(rotated), await context.observe(spec), await context.engine.list()])
      expect(said).not.toContain(spec.owner.password)
      expect(said).not.toContain(rotated.owner.password)
    })
  })
}
