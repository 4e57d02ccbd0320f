import base, { withoutTheWorld } from '../../eslint.config.mjs';

export default [
  ...base,
  {
    files: ['src/**/*.ts'],
    ignores: ['src/dependencies.ts', 'src/handler.ts', 'src/invoke.ts', 'src/**/*.test.ts'],
    rules: withoutTheWorld,
  },
];
