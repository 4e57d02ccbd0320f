import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';
import { initialJsBudget } from './initial-js-budget.mjs';

/** Kilobytes of gzip that a first visit may load before anything is lazy. */
const INITIAL_JS_KB = 250;

export default defineConfig({
  root: import.meta.dirname,
  cacheDir: '../../node_modules/.vite/apps/dashboard',
  plugins: [react(), initialJsBudget(INITIAL_JS_KB)],
  resolve: { conditions: ['@orchestra/source', ...defaultClientConditions] },
  server: { port: 5173, strictPort: true, host: 'localhost' },
  preview: { port: 4300, host: 'localhost' },
  build: {
    outDir: './dist',
    emptyOutDir: true,
    sourcemap: true,
    /** Raw kilobytes say little; the budget above counts what travels. */
    chunkSizeWarningLimit: 1_000,
  },
});
