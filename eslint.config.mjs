import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Who may import whom; the tags stand in each project's package.json. */
const boundaries = [
  { sourceTag: 'type:core', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:contract', onlyDependOnLibsWithTags: ['type:core'] },
  { sourceTag: 'type:kit', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:task', onlyDependOnLibsWithTags: ['type:kit'] },
  { sourceTag: 'type:function', onlyDependOnLibsWithTags: ['type:core', 'type:contract'] },
  { sourceTag: 'type:web', onlyDependOnLibsWithTags: ['type:contract'] },
  { sourceTag: 'type:e2e', onlyDependOnLibsWithTags: ['type:tool'] },
  { sourceTag: 'type:infra', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:tool', onlyDependOnLibsWithTags: ['*'] },
];

/** For code that decides: the world comes in through ports only, so that a simulation can stand in for it. */
export const withoutTheWorld = {
  'no-restricted-imports': [
    'error',
    {
      patterns: [
        { group: ['@aws-sdk/*'], message: 'AWS is behind a port.' },
        {
          group: ['node:timers*', 'node:http*', 'node:fs*'],
          message: 'The world is behind a port.',
        },
      ],
    },
  ],
  'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'fetch', 'process'],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: 'Time comes through a port.' },
    { object: 'Math', property: 'random', message: 'Randomness comes through a port.' },
  ],
};

export default [
  { ignores: ['**/dist', '**/out-tsc', '**/cdk.out', '**/coverage', '**/test-output'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  { plugins: { '@nx': nx } },
  {
    files: ['**/*.ts', '**/*.tsx'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: true,
          allow: ['^.*/eslint\\.config\\.mjs$'],
          depConstraints: boundaries,
        },
      ],
    },
  },
  {
    files: ['**/*.mjs', '**/*.mts'],
    languageOptions: { globals: { process: 'readonly', URL: 'readonly', console: 'readonly' } },
  },
  {
    files: ['**/*.cjs', '**/jest.preset.js'],
    languageOptions: {
      globals: {
        module: 'writable',
        globalThis: 'readonly',
        require: 'readonly',
        process: 'readonly',
        __dirname: 'readonly',
      },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
];
