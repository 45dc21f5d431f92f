import { argument } from '../../input/parameters.ts'

export const userName = argument('USER', 'PostgreSQL user', { field: '/name' })
export const accesses = ['owner', 'read-write', 'read-only', 'none'] as const
export const accessHelp = 'owner: acts as the owner; read-write, read-only: all data; none: grants are given in SQL'
