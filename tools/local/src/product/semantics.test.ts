/** How failures, skips and rules settle, on the whole product: each row of the table is a workflow, its conditions are real. */
import {
  SEMANTICS_CASES,
  SEMANTICS_ROWS,
  together,
  type SemanticsCase,
} from '@orchestra/workflow-core/contract';
import type { RunningStack } from '../stack.js';
import { metricOf, startSample } from './sample-stack.fixture.js';
import { runCase, shouldEnd } from './semantics.fixture.js';

jest.setTimeout(180_000);

let stack: RunningStack;
beforeAll(async () => {
  stack = await startSample();
});
afterAll(() => stack.stop());

const holds = async (each: SemanticsCase, name: string) =>
  expect(await runCase(stack, each, name)).toEqual(shouldEnd(each));

describe.each(['Airflow', 'Argo', 'Step Functions', 'Orchestra'] as const)('as in %s', (engine) => {
  const cases = SEMANTICS_CASES.filter((each) => each.engine === engine);
  it.each(cases.map((each, index) => [each.title, each, index] as const))('%s', (_, each, index) =>
    holds(each, `${engine.replace(' ', '-')}-${index + 1}`),
  );
});

it('every trigger rule has its truth table, also where a failure is continued on', () =>
  holds(together('all trigger rules', SEMANTICS_ROWS), 'trigger-rules'));

it('none of this needed the sweep to repair anything', () => {
  expect(metricOf(stack, 'SweeperRepairs')).toBe(0);
});
