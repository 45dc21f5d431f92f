/** PostgreSQL gets nothing of our environment: no secret of ours, no PG* variable, no locale of whoever started us. */
export const serverEnvironment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } as const
