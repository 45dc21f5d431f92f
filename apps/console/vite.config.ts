import process from 'node:process'
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [vue()],
  define: {
    __VUE_OPTIONS_API__: 'false',
  },
  build: {
    target: 'es2023',
    // The server's policy allows nothing from data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Says what each page loads; a test adds it up.
    manifest: 'manifest.json',
    reportCompressedSize: false,
    chunkSizeWarningLimit: 400,
  },
  server: {
    // `vite` beside a running server: HOWDAH_URL says where it is.
    proxy: { '/api': process.env.HOWDAH_URL ?? 'http://127.0.0.1:8080' },
  },
})
