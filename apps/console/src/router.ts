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
      ],
    },
    { path: '/:path(.*)*', component: () => import('./pages/NotFoundPage.vue') },
  ],
})
