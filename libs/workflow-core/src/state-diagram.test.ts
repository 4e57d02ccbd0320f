import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TASK_TRANSITIONS, WORKFLOW_TRANSITIONS } from './state-machines.js';

/** A Mermaid state diagram of a table. */
function diagramOf(table: Record<string, Record<string, string>>): string {
  const moves = Object.entries(table).flatMap(([from, row]) => [
    ...Object.entries(row).map(([event, to]) => `    ${from} --> ${to}: ${event}`),
    ...(Object.keys(row).length === 0 ? [`    ${from} --> [*]`] : []),
  ]);
  return ['```mermaid', 'stateDiagram-v2', '    [*] --> PENDING', ...moves, '```'].join('\n');
}

describe('docs/states.md', () => {
  const page = readFileSync(join(__dirname, '../../../docs/states.md'), 'utf8');

  it.each([
    ['task', TASK_TRANSITIONS],
    ['workflow', WORKFLOW_TRANSITIONS],
  ])('shows the state machine of a %s as its table has it', (_, table) => {
    expect(page).toContain(diagramOf(table));
  });
});
