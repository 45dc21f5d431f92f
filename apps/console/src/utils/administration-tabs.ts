/** The pages of whoever operates the installation. */
export const administrationTabs = [
  { to: '/administration/people', label: 'People' },
  { to: '/administration/projects', label: 'Projects' },
] as const
