/** A workbench for tests: the worker on the in-memory repository, with everything it does on record. */
import {
  createGraphCache,
  diamond,
  type Definition,
  type Task,
  type TaskOrigin,
  type TaskPayload,
  type WorkMessage,
  type Workflow,
} from '@orchestra/workflow-core';
import { createInputCheck, evaluateTemplate } from '@orchestra/workflow-core/data';
import { InMemoryPlaces, InMemoryRepository } from '@orchestra/workflow-core/in-memory';
import type { Outcome, Ports } from '../ports.js';

export const START = Date.parse('2026-01-02T03:04:05.000Z');
export const originOf = ({ name }: Definition): TaskOrigin => ({
  workflowId: 'w',
  epoch: 1,
  definition: { name, revision: 1 },
  workflowStartedAt: '2026-01-02T03:04:05.000Z',
  expiresAt: 2_000_000_000,
});

/** A worker on the in-memory repository; `answers` says how each invocation of a function goes. */
export async function createBench(
  answers: (payload: TaskPayload) => Outcome | Promise<Outcome>,
  definition: Definition = diamond,
  meta: Partial<Workflow> = {},
) {
  const origin = originOf(definition);
  const repository = new InMemoryRepository();
  const places = new InMemoryPlaces();
  const { revision } = await repository.putDefinition(definition, new Date(START).toISOString());
  const startedAt = new Date(START).toISOString();
  await repository.createWorkflow({
    workflowId: 'w',
    status: 'RUNNING',
    version: 1,
    epoch: 1,
    definition: { name: definition.name, revision },
    requestHash: 'h',
    input: { kind: 'inline', json: '{"n":7}' },
    createdAt: startedAt,
    startedAt,
    nextCheckAt: startedAt,
    expiresAt: origin.expiresAt,
    ...meta,
  });
  const invoked: { name: string; payload: TaskPayload; timeoutMs: number }[] = [];
  const reads: string[] = [];
  let claims = 0;
  let secrets = 0;
  const pauses: number[] = [];
  const counts = new Map<string, number>();
  let now = START;
  const ports: Ports = {
    repository: noteReads(repository, reads),
    places,
    graph: createGraphCache(repository),
    invoke: async (name, payload, timeoutMs) => {
      invoked.push({ name, payload, timeoutMs });
      return answers(payload);
    },
    evaluate: evaluateTemplate,
    checkInput: createInputCheck(),
    settings: {
      firstCheckMs: 60_000,
      taskTimeoutMs: 60_000,
      leaseMarginMs: 15_000,
      taskLimits: {},
    },
    now: () => now,
    pause: async (milliseconds) => {
      pauses.push(milliseconds);
      now += milliseconds;
    },
    random: () => 0.5,
    count: (metric, by = 1) => counts.set(metric, (counts.get(metric) ?? 0) + by),
    newClaimId: () => `claim ${(claims += 1)}`,
    newSecret: () => `${(secrets += 1)}`.padStart(32, 's'),
    log: () => {},
  };
  return {
    ports,
    places,
    repository,
    invoked,
    reads,
    pauses,
    counts,
    advanceTime: (milliseconds: number) => {
      now += milliseconds;
    },
    ready: (...taskIds: string[]) =>
      repository.apply(
        taskIds.map((taskId) => ({ kind: 'ready', origin, taskId, by: 'start', at: startedAt })),
      ),
    taskOf: async (taskId: string) => (await repository.getTasks('w', [taskId]))[0] as Task,
  };
}

function noteReads(repository: InMemoryRepository, reads: string[]): InMemoryRepository {
  return new Proxy(repository, {
    get(target, name: keyof InMemoryRepository) {
      const member = target[name];
      if (typeof member !== 'function') return member;
      return (...given: unknown[]) => {
        if (name.startsWith('get') && name !== 'getPayload') reads.push(name);
        return (member as (...given: unknown[]) => unknown).apply(target, given);
      };
    },
  });
}

export const message = (...taskIds: string[]): WorkMessage => messageOf(diamond, ...taskIds);

export const messageOf = (definition: Definition, ...taskIds: string[]): WorkMessage => ({
  workflowId: 'w',
  epoch: 1,
  definition: originOf(definition).definition,
  tasks: taskIds.map((taskId) => ({ taskId, version: 1, attempt: 1 })),
});

export const succeed = (output: unknown): Outcome => ({
  kind: 'succeeded',
  output,
  requestId: 'r',
});
