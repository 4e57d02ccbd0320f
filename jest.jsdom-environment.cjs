const { TestEnvironment } = require('jest-environment-jsdom');

const MISSING = [
  'structuredClone',
  'fetch',
  'Headers',
  'Request',
  'Response',
  'TextEncoder',
  'TextDecoder',
];

/** jsdom hides Node's own web globals; give back the ones our code and its dependencies use. */
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const name of MISSING) this.global[name] ??= globalThis[name];
  }
};
