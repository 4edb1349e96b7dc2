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
    // Charts are one lazy chunk of their own; everything else stays far below this.
    chunkSizeWarningLimit: 800,
    rollupOptions: {
      output: {
        // React and the router change rarely: a browser keeps them between our releases.
        manualChunks: (id: string) =>
          /node_modules\/(?:\.pnpm\/[^/]+\/node_modules\/)?(?:react|react-dom|scheduler|@tanstack)\//.test(
            id,
          )
            ? 'framework'
            : undefined,
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
