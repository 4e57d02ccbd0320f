import base, { withoutTheWorld } from '../../eslint.config.mjs';

export default [
  ...base,
  {
    files: ['src/**/*.ts'],
    ignores: [
      'src/dynamodb/**',
      'src/contract/**',
      'src/data/evaluator.ts',
      'src/data/expression-process.ts',
      'src/**/*.test.ts',
    ],
    rules: withoutTheWorld,
  },
];
