/** The reference says what the code does: its table of rules, its fields and its bounds are held to it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { definitionSchema, retrySchema, taskDefinitionSchema } from './definition.js';
import { LIMITS } from './limits.js';
import { judge, mayRunEarly, TRIGGER_RULES, type TriggerRule } from './trigger-rules.js';
import type { TaskFact } from './workflow.js';

const text = readFileSync(join(__dirname, '../../../docs/definitions.md'), 'utf8');
const S: TaskFact = { status: 'SUCCEEDED' };
const F: TaskFact = { status: 'FAILED' };
const K: TaskFact = { status: 'SKIPPED', reason: 'CONDITION_FALSE' };
/** The columns of the table, in its order. */
const ENDINGS = [
  [S, S],
  [S, F],
  [F, F],
  [S, K],
  [F, K],
  [K, K],
];
const CELLS: Readonly<Record<string, string>> = {
  run: 'run',
  UPSTREAM_FAILED: 'failed',
  UPSTREAM_SKIPPED: 'skipped',
};

const rowOf = (rule: TriggerRule) => [
  `\`${rule}\``,
  ...ENDINGS.map((facts) => CELLS[judge(rule, facts, 0)]),
  mayRunEarly(rule) ? 'yes' : '',
];
const cellsOf = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

describe('the reference of definitions', () => {
  it.each(TRIGGER_RULES)('has the row of the rule %s', (rule) => {
    const rows = text.split('\n').map(cellsOf);
    expect(rows).toContainEqual(rowOf(rule));
  });

  it.each([
    ['definition', Object.keys(definitionSchema.shape)],
    ['task', Object.keys(taskDefinitionSchema.shape)],
    ['retry', Object.keys(retrySchema.shape)],
  ])('explains every field of a %s', (_, fields) => {
    const explained = text.split('\n').map((line) => cellsOf(line)[0]);
    for (const field of fields) expect(explained).toContain(`\`${field}\``);
  });

  it.each([
    ['tasks', LIMITS.tasksPerWorkflow],
    ['edges', LIMITS.edgesPerWorkflow],
    ['retries', LIMITS.retry.maxAttempts],
    ['a retry interval', LIMITS.retry.intervalSeconds],
    ['a retry delay', LIMITS.retry.maxDelaySeconds],
    ['a task timeout', LIMITS.taskTimeoutSeconds.max],
    ['a workflow timeout', LIMITS.workflowTimeoutSeconds.max],
    ['characters of an expression', LIMITS.expression.length],
    ['steps', LIMITS.expression.steps],
    ['depth', LIMITS.expression.depth],
    ['items', LIMITS.expression.items],
    ['milliseconds', LIMITS.expression.milliseconds],
    ['memory', LIMITS.expression.memoryMb],
    ['nesting', LIMITS.jsonDepth],
    ['tags', LIMITS.tags],
  ])('names the limit of %s', (_, limit) => {
    expect(text).toContain(limit.toLocaleString('en-US'));
  });
});
