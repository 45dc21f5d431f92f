import { createRouter, createWebHistory } from 'vue-router'

/** Every page has its address; its code is loaded when it is first opened. */
export const router = createRouter({
  history: createWebHistory(),
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  routes: [
    { path: '/', redirect: '/databases' },
    { path: '/databases', component: () => import('./pages/DatabasesPage.vue') },
    { path: '/databases/new', component: () => import('./pages/DatabaseCreatePage.vue') },
    {
      path: '/databases/:name',
      component: () => import('./pages/DatabasePage.vue'),
      props: true,
      children: [
        { path: '', component: () => import('./pages/database/OverviewTab.vue'), props: true },
        { path: 'connect', component: () => import('./pages/database/ConnectTab.vue'), props: true },
        { path: 'users', component: () => import('./pages/database/UsersTab.vue'), props: true },
        { path: 'extensions', component: () => import('./pages/database/ExtensionsTab.vue'), props: true },
        { path: 'parameters', component: () => import('./pages/database/ParametersTab.vue'), props: true },
        { path: 'backups', component: () => import('./pages/database/BackupsTab.vue'), props: true },
        { path: 'branches', component: () => import('./pages/database/BranchesTab.vue'), props: true },
        { path: 'logs', component: () => import('./pages/database/LogsTab.vue'), props: true },
        { path: 'events', component: () => import('./pages/database/EventsTab.vue'), props: true },
        { path: 'audit', component: () => import('./pages/database/AuditTab.vue'), props: true },
        { path: 'settings', component: () => import('./pages/database/SettingsTab.vue'), props: true },
      ],
    },
    { path: '/deleted-databases', component: () => import('./pages/DeletedDatabasesPage.vue') },
    { path: '/operations', component: () => import('./pages/OperationsPage.vue') },
    { path: '/operations/:id', component: () => import('./pages/OperationPage.vue'), props: true },
    { path: '/audit', component: () => import('./pages/AuditPage.vue') },
    { path: '/access', redirect: '/access/members' },
    { path: '/access/members', component: () => import('./pages/MembersPage.vue') },
    { path: '/access/keys', component: () => import('./pages/ApiKeysPage.vue') },
    { path: '/administration', redirect: '/administration/people' },
    { path: '/administration/people', component: () => import('./pages/PeoplePage.vue') },
    { path: '/administration/projects', component: () => import('./pages/ProjectsPage.vue') },
    { path: '/settings', component: () => import('./pages/SettingsPage.vue') },
    { path: '/:path(.*)*', component: () => import('./pages/NotFoundPage.vue') },
  ],
})
