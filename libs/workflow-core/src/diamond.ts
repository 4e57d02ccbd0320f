import { parseDefinition } from './parse-definition.js';

/** The sample: `A -> (B1, B2, B3) -> C`. */
export const diamond = parseDefinition({
  name: 'diamond',
  description: 'A makes data, B1, B2 and B3 each compute on it, C brings the three together.',
  tasks: [
    { id: 'A', function: 'A' },
    { id: 'B1', function: 'B1', dependsOn: ['A'] },
    { id: 'B2', function: 'B2', dependsOn: ['A'] },
    { id: 'B3', function: 'B3', dependsOn: ['A'] },
    { id: 'C', function: 'C', dependsOn: ['B1', 'B2', 'B3'] },
  ],
});
