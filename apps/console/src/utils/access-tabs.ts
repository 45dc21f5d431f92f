/** The pages about who may do what here. */
export const accessTabs = [
  { to: '/access/members', label: 'Members' },
  { to: '/access/keys', label: 'API keys' },
] as const
