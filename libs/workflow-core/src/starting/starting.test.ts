import * as fc from 'fast-check';
import { isChildId } from '../duties.js';
import { buildGraph } from '../definition.js';
import { parseDefinition } from '../parse-definition.js';
import { LIMITS } from '../limits.js';
import { childIdFor, newWorkflow, wasSelectedSince } from './index.js';

const parent = { workflowId: 'w', taskId: 'T', epoch: 1 };
const definition = parseDefinition({
  name: 'd',
  timeoutSeconds: 100,
  tasks: [
    { id: 'T', function: 'task-a' },
    { id: 'M', forEach: [1], function: 'task-a', dependsOn: ['T'] },
  ],
});
const NOW = Date.parse('2026-01-02T03:04:05.000Z');
const beginning = { now: NOW, firstCheckMs: 60_000 };
const asked = { workflowId: 'w', ref: { name: 'd', revision: 1 }, definition };

describe('the id of a child', () => {
  it('is one that no user may choose', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.integer({ min: 1 }), (workflowId, taskId, epoch) =>
        isChildId(childIdFor({ workflowId, taskId, epoch })),
      ),
    );
  });

  it('never changes: those that run were named by it', () => {
    expect(childIdFor(parent)).toBe('sub-74zuvecrswxfjaxk5xnngkxu22');
  });

  it.each([
    [{ ...parent, epoch: 2 }],
    [{ ...parent, taskId: 'T[0]' }],
    [{ ...parent, workflowId: 'wT', taskId: '' }],
  ])('is another for %j', (other) => {
    expect(childIdFor(other)).not.toBe(childIdFor(parent));
  });
});

describe('META of a new workflow', () => {
  it('is due at the first check, or at its deadline if that is sooner', () => {
    const at = (ms: number) => new Date(NOW + ms).toISOString();
    expect(newWorkflow(asked, beginning).nextCheckAt).toBe(at(60_000));
    expect(newWorkflow(asked, { now: NOW, firstCheckMs: 200_000 }).nextCheckAt).toBe(at(100_000));
  });

  it('has no duties, and nothing of a child, when a request starts it', () => {
    const workflow = newWorkflow(asked, beginning);
    expect(Object.keys(workflow).sort()).toEqual([
      'createdAt',
      'definition',
      'epoch',
      'expiresAt',
      'nextCheckAt',
      'startedAt',
      'status',
      'version',
      'workflowId',
    ]);
    expect(workflow).toMatchObject({ status: 'RUNNING', startedAt: workflow.createdAt });
  });

  it('waits for its place, and has to give it back', () => {
    const workflow = newWorkflow({ ...asked, concurrencyKey: 'k' }, beginning);
    expect(workflow).toMatchObject({ status: 'PENDING', concurrencyKey: 'k', duties: ['place'] });
    expect(workflow.startedAt).toBeUndefined();
  });

  it("is kept as long as its parent's at least", () => {
    const own = NOW / 1000 + 100 + LIMITS.retentionSeconds;
    const child = (expiresAt: number) =>
      newWorkflow({ ...asked, child: { parent, depth: 1, expiresAt } }, beginning).expiresAt;
    expect(child(own + 5)).toBe(own + 5);
    expect(child(own - 5)).toBe(own);
  });
});

describe('what an order to run again means for the child of a task', () => {
  const graph = buildGraph(definition);
  const redrivenWith = (epoch: number, tasks: string[], downstream = false) => ({
    redrives: [
      {
        epoch,
        at: '',
        token: '',
        selection: { kind: 'tasks' as const, tasks, downstream },
        fromRevision: 1,
        from: { status: 'FAILED' as const },
      },
    ],
  });

  it.each([
    [2, ['T'], false, 'T', true],
    [1, ['T'], false, 'T', false],
    [2, ['M'], false, 'T', false],
    [2, ['M'], false, 'M[0]', true],
    [2, ['M[0]'], false, 'M[0]', true],
    [2, ['M[1]'], false, 'M[0]', false],
    [2, ['T'], true, 'M[0]', true],
    [2, ['T'], false, 'M[0]', false],
  ] as const)(
    'in epoch %i of %j (downstream: %s), of %s: anew is %s',
    (epoch, tasks, downstream, taskId, expected) => {
      const workflow = redrivenWith(epoch, [...tasks], downstream);
      expect(wasSelectedSince(graph, workflow, { taskId, epoch: 1 })).toBe(expected);
    },
  );
});
