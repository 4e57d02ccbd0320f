import { defineConfig } from '@playwright/test';
import { findChromium } from './find-chromium.mjs';

export default defineConfig({
  testDir: './src',
  outputDir: './test-output/results',
  globalSetup: './src/local-stack.ts',
  /** One laptop, one stack: journeys do not compete for its two cores. */
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: 'list',
  use: {
    baseURL: process.env.ORCHESTRA_E2E_DASHBOARD,
    viewport: { width: 1440, height: 900 },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: findChromium(),
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
