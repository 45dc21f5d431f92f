import { VueQueryPlugin } from '@tanstack/vue-query'
import { createApp } from 'vue'
import App from './App.vue'
import { queryClient } from './composables/query-client.ts'
import { router } from './router.ts'
import '@fontsource-variable/inter/wght.css'
import '@fontsource-variable/jetbrains-mono/wght.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/parts.css'

createApp(App).use(VueQueryPlugin, { queryClient }).use(router).mount('#app')
