import base from '../../eslint.config.mjs';

const boundaries = base.find(({ rules }) => rules?.['@nx/enforce-module-boundaries']);
const [level, options] = boundaries.rules['@nx/enforce-module-boundaries'];

export default [
  ...base,
  {
    files: ['src/**/*.ts'],
    rules: {
      // The engine of two functions, without their Lambdas, is what is simulated.
      '@nx/enforce-module-boundaries': [
        level,
        { ...options, allow: [...options.allow, '^@orchestra/(orchestrator|worker)/engine$'] },
      ],
    },
  },
];
