/** The pages of one database, in the order of their tabs. */
export function databaseTabs(name: string) {
  const base = databasePath(name)
  return [
    { to: base, label: 'Overview' },
    { to: `${base}/connect`, label: 'Connect' },
    { to: `${base}/users`, label: 'Users & databases' },
    { to: `${base}/extensions`, label: 'Extensions' },
    { to: `${base}/parameters`, label: 'Parameters' },
    { to: `${base}/logs`, label: 'Logs' },
    { to: `${base}/events`, label: 'Events' },
    { to: `${base}/audit`, label: 'Audit' },
    { to: `${base}/settings`, label: 'Settings' },
  ] as const
}

export function databasePath(name: string): string {
  return `/databases/${encodeURIComponent(name)}`
}
