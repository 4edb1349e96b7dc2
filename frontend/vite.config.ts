import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress } from 'node:zlib'
import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

/** Writes FILE.br beside scripts and styles: the service hands it out instead of compressing each time. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    async writeBundle({ dir = '' }, bundle) {
      const files = Object.keys(bundle).filter((file) => /\.(?:js|css)$/.test(file))
      const compress = promisify(brotliCompress)
      await Promise.all(
        files.map(async (file) => {
          const path = join(dir, file)
          await writeFile(`${path}.br`, await compress(await readFile(path)))
        }),
      )
    },
  }
}

/** Of antd: the table with what its heads open, as heavy as all other controls together. */
const table = /node_modules.*\/(?:table|pagination|tree|menu|dropdown|radio|spin)\//

const controls = /node_modules.*\/(?:antd|@rc-component)\//

/** Of ours, parts of lists; the table of antd is for other pages. */
const shared =
  /src\/(?:components\/(?:columns|ColumnChoice|ExportLinks|VirtualTable)|api\/exports|i18n\/useScoreText|features\/tasks)|DeleteOutlined/

const root = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '')
/** Of the service: words that its report and the page share. */
const report = fileURLToPath(new URL('../backend/llm_simulator/report', import.meta.url))

export default defineConfig({
  // Whatever path the page is served under: its <base> says which.
  base: './',
  plugins: [react(), compressed()],
  resolve: {
    alias: [
      { find: /^@\//, replacement: `${root}/src/` },
      { find: /^@service\//, replacement: `${report}/` },
    ],
  },
  server: { port: 3100, strictPort: true, fs: { allow: [root, report] } },
  build: {
    target: 'es2022',
    // Browsers that do not preload modules fetch them a moment later.
    modulePreload: { polyfill: false },
    // Charts and the drawing in space are lazy chunks; everything else stays far below this.
    chunkSizeWarningLimit: 1000,
    rollupOptions: {
      output: {
        codeSplitting: {
          // The first page is few files: libraries, which a browser keeps between releases, and ours.
          groups: [
            {
              name: 'libraries',
              tags: ['$initial'],
              test: /node_modules|rolldown\/runtime/,
              priority: 4,
            },
            { name: 'page', tags: ['$initial'], priority: 3 },
            {
              name: 'inputs',
              test: (id) => controls.test(id) && !table.test(id),
              minShareCount: 2,
              priority: 2,
            },
            { name: 'table', test: table, priority: 1 },
            // What the history shares with other pages: of a kilobyte each.
            { name: 'shared', test: shared, minShareCount: 2 },
          ],
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
