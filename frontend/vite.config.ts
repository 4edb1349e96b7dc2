import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Whatever path the page is served under: its <base> says which.
  base: './',
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { port: 3100, strictPort: true },
  build: {
    target: 'es2022',
    // Browsers that do not preload modules fetch them a moment later.
    modulePreload: { polyfill: false },
    // Charts and the drawing in space are lazy chunks; everything else stays far below this.
    chunkSizeWarningLimit: 1000,
    rollupOptions: {
      output: {
        manualChunks: (id: string) => {
          // React and the router change rarely: a browser keeps them between our releases.
          const framework =
            /node_modules\/(?:\.pnpm\/[^/]+\/node_modules\/)?(?:react|react-dom|scheduler|@tanstack)\//
          if (framework.test(id)) return 'framework'
          // Of every page, and too small to be fetched one by one.
          return /\/src\/(?:api|events|hooks)\//.test(id) ? 'service' : undefined
        },
      },
    },
  },
  test: {
    include: ['src/**/*.test.{ts,tsx}'],
    testTimeout: 15_000,
    setupFiles: ['src/testSetup.ts'],
    // React, antd and jsdom are loaded once a thread, not once a file: that was half of the time.
    pool: 'threads',
    isolate: false,
  },
})
