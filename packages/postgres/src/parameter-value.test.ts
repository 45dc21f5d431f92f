import type { Setting } from './catalogue.ts'
import { describe, expect, it } from 'vitest'
import { isForUsers } from './parameter-catalogue.ts'
import { refuseValue } from './parameter-value.ts'

function setting(change: Partial<Setting>): Setting {
  return { name: 'x', context: 'user', vartype: 'string', unit: null, min_val: null, max_val: null, enumvals: null, category: '', short_desc: '', shown: '', ...change }
}

const memory = setting({ vartype: 'integer', unit: 'kB', min_val: '64', max_val: '2147483647' })
const buffers = setting({ vartype: 'integer', unit: '8kB', min_val: '16', max_val: '1073741823' })
const timeout = setting({ vartype: 'integer', unit: 'ms', min_val: '-1', max_val: '2147483647' })
const minutes = setting({ vartype: 'integer', unit: 'min', min_val: '0', max_val: '60' })
const factor = setting({ vartype: 'real', min_val: '0', max_val: '1' })
const count = setting({ vartype: 'integer', min_val: '1', max_val: '100' })
const flag = setting({ vartype: 'bool' })
const level = setting({ vartype: 'enum', enumvals: ['off', 'on', 'lz4'] })

describe('values of parameters', () => {
  it.each<[Setting, string]>([
    [memory, '64'],
    [memory, '8MB'],
    [memory, '8 MB'],
    [memory, '65536B'],
    [memory, '1.5GB'],
    [buffers, '128kB'],
    [buffers, '32MB'],
    [timeout, '-1'],
    [timeout, '0'],
    [timeout, '5s'],
    [timeout, '1h'],
    [timeout, '500us'],
    [minutes, '30s'],
    [factor, '0.5'],
    [factor, '.5'],
    [factor, '1e-1'],
    [count, '100'],
    [flag, 'on'],
    [flag, 'TRUE'],
    [flag, 'f'],
    [flag, '0'],
    [level, 'lz4'],
    [level, 'LZ4'],
    [level, 'true'],
    [setting({}), ''],
    [setting({}), 'any \'text\' "at" all \\'],
  ])('%o takes %j', (of, value) => {
    expect(refuseValue(of, value)).toBeUndefined()
  })

  it.each<[Setting, string]>([
    [memory, '1kB'],
    [memory, '63'],
    [memory, '4TB'],
    [memory, '8mb'],
    [memory, '8 M B'],
    [memory, 'plenty'],
    [memory, ''],
    [memory, '5s'],
    [memory, 'NaN'],
    [memory, 'Infinity'],
    [buffers, '15'],
    [buffers, '100kB'],
    [timeout, '-2'],
    [timeout, '10MB'],
    [minutes, '2h'],
    [factor, '1.1'],
    [count, '0'],
    [count, '1MB'],
    [count, '1; drop table t'],
    [flag, 'maybe'],
    [flag, ''],
    [flag, 'o'],
    [level, 'zstd'],
    [setting({}), 'a\nb'],
    [setting({}), 'a\0b'],
    [setting({}), 'x'.repeat(1025)],
  ])('%o refuses %j and says why', (of, value) => {
    expect(refuseValue(of, value)).toEqual(expect.stringMatching(/\w/))
  })
})

describe('the catalogue of parameters', () => {
  it.each(['listen_addresses', 'ssl_key_file', 'archive_command', 'shared_preload_libraries', 'unix_socket_directories', 'debug_discard_caches', 'wal_level'])('leaves out %s', (name) => {
    expect(isForUsers(setting({ name, category: 'x' }))).toBe(false)
  })

  it('leaves out what cannot be set, and developers\' options', () => {
    expect(isForUsers(setting({ context: 'internal' }))).toBe(false)
    expect(isForUsers(setting({ category: 'Developer Options' }))).toBe(false)
    expect(isForUsers(setting({ name: 'work_mem' }))).toBe(true)
  })
})
