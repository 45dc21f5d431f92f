/** The pages of one database, in the order of their tabs. */
export function databaseTabs(name: string) {
  const base = databasePath(name)
  return [
    { to: base, label: 'Overview' },
    { to: `${base}/connect`, label: 'Connect' },
    { to: `${base}/users`, label: 'Users & databases' },
    { to: `${base}/extensions`, label: 'Extensions' },
    { to: `${base}/parameters`, label: 'Parameters' },
    { to: `${base}/backups`, label: 'Backups' },
    { to: `${base}/branches`, label: 'Branches' },
    { to: `${base}/logs`, label: 'Logs' },
    { to: `${base}/events`, label: 'Events' },
    { to: `${base}/audit`, label: 'Audit' },
    { to: `${base}/settings`, label: 'Settings' },
  ] as const
}

/** Where deleted databases are listed: no database can have this address. */
export const deletedPath = '/deleted-databases'

export function databasePath(name: string): string {
  return `/databases/${encodeURIComponent(name)}`
}
