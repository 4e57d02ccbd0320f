const { testEnvironmentOptions } = require('../../jest.preset.js');

module.exports = {
  displayName: 'dashboard',
  preset: '../../jest.preset.js',
  testEnvironment: '../../jest.jsdom-environment.cjs',
  testEnvironmentOptions: {
    ...testEnvironmentOptions,
    /** Packages give a browser other code than a server. */
    customExportConditions: ['@orchestra/source', 'browser', 'require', 'default'],
  },
  setupFiles: ['<rootDir>/src/testing/browser-gaps.ts'],
};
