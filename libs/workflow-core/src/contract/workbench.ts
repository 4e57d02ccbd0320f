/** What the rules of the contract have in common: records of their own for each test, on the repository under test. */
import { randomUUID } from 'node:crypto';
import type {
  ClaimTransition,
  FinishTransition,
  Page,
  TaskOrigin,
  Transition,
  WorkflowRepository,
} from '../repository.js';
import type { Task, Workflow } from '../workflow.js';

export const AT = '2026-01-02T03:04:05.006Z';
export const LATER = '2026-01-02T03:05:05.006Z';

export type Workbench = ReturnType<typeof createWorkbench>;

/** @param open asked for at each use: the repository opens when the tests begin */
export function createWorkbench(open: () => WorkflowRepository) {
  /** A workflow of its own for each test. */
  function newWorkflow(changes: Partial<Workflow> = {}): Workflow {
    return {
      workflowId: randomUUID(),
      status: 'RUNNING',
      version: 1,
      epoch: 1,
      definition: { name: 'diamond', revision: 1 },
      requestHash: 'hash',
      input: { kind: 'inline', json: '{"n":1}' },
      createdAt: AT,
      startedAt: AT,
      nextCheckAt: LATER,
      expiresAt: 2_000_000_000,
      ...changes,
    };
  }
  async function started(
    changes: Partial<Workflow> = {},
  ): Promise<{ workflow: Workflow; origin: TaskOrigin }> {
    const workflow = newWorkflow(changes);
    await open().createWorkflow(workflow);
    return { workflow, origin: originOf(workflow) };
  }
  async function running(taskId = 'A') {
    const { workflow, origin } = await started();
    await open().apply([ready(origin, taskId)]);
    await open().apply([claim(origin, taskId, 'mine')]);
    return { workflow, origin, workflowId: workflow.workflowId };
  }
  async function taskOf(workflowId: string, taskId = 'A'): Promise<Task> {
    const [task] = await open().getTasks(workflowId, [taskId]);
    if (!task) throw new Error(`${taskId} has no item`);
    return task;
  }
  return {
    get repository() {
      return open();
    },
    ...{ newWorkflow, originOf, started, ready, claim, running, taskOf },
  };
}

const originOf = ({ workflowId, epoch, definition, expiresAt }: Workflow): TaskOrigin => ({
  workflowId,
  epoch,
  definition,
  workflowStartedAt: AT,
  expiresAt,
});

const ready = (origin: TaskOrigin, taskId: string): Transition => ({
  kind: 'ready',
  origin,
  taskId,
  by: 'start',
  at: AT,
});

const claim = (origin: TaskOrigin, taskId: string, claimId: string): ClaimTransition => ({
  kind: 'claim',
  workflowId: origin.workflowId,
  taskId,
  epoch: 1,
  version: 1,
  claimId,
  leaseUntil: LATER,
  at: AT,
});

export const finish = (
  { workflowId, epoch, definition }: Workflow,
  status: 'SUCCESS' | 'FAILED',
): FinishTransition => ({
  kind: 'finish',
  workflowId,
  epoch,
  definition,
  status,
  by: 'stream',
  at: LATER,
});

/** Every page to the end, which has to come. */
export async function everyPage<Item>(
  read: (cursor: { cursor?: string }) => Promise<Page<Item>>,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < 1_000; pages += 1) {
    const page = await read(cursor === undefined ? {} : { cursor });
    items.push(...page.items);
    cursor = page.cursor;
    if (cursor === undefined) return items;
  }
  throw new Error('the pages do not end');
}
