/**
 * Why a task is as it is, from the facts and the same rules the engine decides by. Pure. What is said of a task that runs
 * stands in `explain-running.ts`.
 */
import { isPaused } from './control.js';
import { taskOf, type Graph } from './definition.js';
import { presentTasks, statusOf, wasStopped } from './epochs.js';
import { listed, whyItemWaits, whyRunning } from './explain-running.js';
import type { Explanation, Why } from './explanation.js';
import { parseItemId } from './map-items.js';
import { countsAs } from './planner.js';
import type { WorkflowWithTasks } from './repository.js';
import type { TaskStatus } from './state-machines.js';
import { factsOf } from './sweep.js';
import { isFailure, judge, type TriggerRule } from './trigger-rules.js';
import type { Order, Task, Workflow } from './workflow.js';

/** @param taskId a task of the graph, or an item of a map of it */
export function explain(
  graph: Graph,
  { workflow, tasks }: WorkflowWithTasks,
  taskId: string,
): Explanation {
  const present = new Map(presentTasks(graph, workflow, tasks).map((task) => [task.taskId, task]));
  const task = present.get(taskId);
  const status = statusOf(workflow, task);
  const upstream = (graph.upstream.get(taskId) ?? []).map((up) => ({
    taskId: up,
    status: statusOf(workflow, present.get(up)),
  }));
  const triggerRule = graph.tasks.get(taskId)?.triggerRule ?? 'all_success';
  const why: Why =
    status !== 'PENDING'
      ? whyNot(graph, present, taskId, { workflow, task, status })
      : workflow.status === 'PENDING'
        ? {
            code: 'WAITS_FOR_PLACE',
            text: 'The workflow waits for a place: as many of its kind run as may.',
          }
        : parseItemId(taskId)
          ? whyItemPending(graph, present, taskId)
          : graph.hooks.has(taskId)
            ? whyHookPending(graph, present, taskId)
            : whyPending(graph, present, taskId, triggerRule);
  return { taskId, status, triggerRule, upstream, because: [], ...why };
}

type Present = ReadonlyMap<string, Task>;

function whyItemPending(graph: Graph, present: Present, taskId: string): Why {
  const mapId = parseItemId(taskId)?.taskId ?? '';
  const map = present.get(mapId);
  if (map?.items && map.suspendedAt !== undefined && map.status === 'RUNNING')
    return whyItemWaits(graph, map, [...present.values()], taskId);
  return {
    code: 'WAITS_FOR_UPSTREAM',
    text: `It waits for ${mapId} to list its items.`,
    because: [mapId],
  };
}

/** (P6): of all tasks, and of the other hooks for those that come last. */
function whyHookPending(graph: Graph, present: Present, taskId: string): Why {
  const facts = factsOf([...present.values()]);
  const before = graph.hooks.get(taskId) === 'finally' ? hooksBeforeTheLast(graph) : [];
  const open = [...graph.upstream.keys(), ...before].filter((id) => !facts.has(id));
  if (open.length === 0)
    return {
      code: 'ABOUT_TO_BE_DECIDED',
      text: 'All tasks have ended: it runs or is skipped any moment.',
    };
  const text = `It is a hook, and waits for the end of ${listed(open)}.`;
  return { code: 'WAITS_FOR_TASKS', text, because: open };
}

const hooksBeforeTheLast = ({ hooks }: Graph): string[] =>
  [...hooks].flatMap(([id, hook]) => (hook === 'finally' ? [] : id));

function whyPending(graph: Graph, present: Present, taskId: string, rule: TriggerRule): Why {
  const facts = factsOf([...present.values()]);
  const upstream = graph.upstream.get(taskId) ?? [];
  const open = upstream.filter((up) => !facts.has(up));
  const known = upstream.flatMap((up) => {
    const fact = facts.get(up);
    return fact ? countsAs(graph, up, fact) : [];
  });
  const isOver = graph.definition.failFast && failures(graph, present).length > 0;
  const verdict = isOver ? 'FAIL_FAST' : judge(rule, known, open.length);
  if (verdict !== 'wait')
    return {
      code: 'ABOUT_TO_BE_DECIDED',
      text:
        verdict === 'run'
          ? 'Everything it needs is there: it becomes READY any moment.'
          : isOver
            ? 'A task has failed, and the definition fails fast: it is skipped any moment.'
            : 'Its rule cannot hold any more: it is skipped any moment.',
    };
  return {
    code: 'WAITS_FOR_UPSTREAM',
    text: `It waits for ${listed(open)} (${rule}).`,
    because: open,
  };
}

function whyNot(
  graph: Graph,
  present: Present,
  taskId: string,
  {
    workflow,
    task,
    status,
  }: Pick<WorkflowWithTasks, 'workflow'> & { task: Task | undefined; status: TaskStatus },
): Why {
  switch (status) {
    case 'READY':
      return isPaused(workflow) ? whyPaused(workflow, task as Task) : whyReady(task as Task);
    case 'RUNNING':
      return whyRunning(task as Task, [...present.values()]);
    case 'SUCCEEDED':
      return task?.reason === 'OPERATOR'
        ? { code: 'SUCCEEDED', text: `${operatorOf(task)} set its output${wordsOf(task)}.` }
        : { code: 'SUCCEEDED', text: `It succeeded on attempt ${task?.attempt}.` };
    case 'FAILED':
      return whyFailed(task as Task, taskOf(graph, taskId)?.continueOnFailure === true);
    case 'SKIPPED':
      return task?.reason === 'OPERATOR'
        ? { code: 'SKIPPED', text: `${operatorOf(task)} skipped it${wordsOf(task)}.` }
        : whySkipped(graph, present, taskId);
    default:
      return {
        code: 'CANCELLED',
        text: wasStopped(workflow)
          ? workflow.status === 'CANCELLED'
            ? 'The workflow was cancelled before it ended.'
            : 'The workflow reached its deadline before it ended.'
          : 'It was cancelled.',
      };
  }
}

function whyReady({ attempt, notBefore, leaseUntil, postponed, retries = 0 }: Task): Why {
  if (notBefore === undefined)
    return { code: 'WAITS_FOR_WORKER', text: `Attempt ${attempt} waits for a worker to claim it.` };
  const waiter = leaseUntil === undefined ? 'the sweep' : 'a worker';
  if (postponed !== undefined)
    return {
      code: 'WAITS_FOR_PLACE',
      text: `Attempt ${attempt} waits for a place, since its function takes only so many tasks at once; ${waiter} waits with it.`,
    };
  return {
    code: 'WAITS_FOR_RETRY',
    text: `Retry ${retries} (attempt ${attempt}) starts at ${notBefore}; ${waiter} waits with it.`,
    until: notBefore,
  };
}

function whyPaused({ controls }: Workflow, { attempt }: Task): Why {
  const pause = controls?.at(-1) ?? {};
  return {
    code: 'PAUSED',
    text: `Attempt ${attempt} does not start: ${operatorOf(pause)} paused the workflow${wordsOf(pause)}.`,
  };
}

const operatorOf = ({ who }: Order) => who ?? 'An operator';
const wordsOf = ({ note }: Order) => (note === undefined ? '' : `: ${note}`);

const whyFailed = ({ attempt, error, reason, retries = 0 }: Task, continues: boolean): Why => ({
  code: 'FAILED',
  text: [
    `Attempt ${attempt} failed with ${error?.type ?? 'an error'}`,
    ...(reason === undefined ? [] : [` (${reason})`]),
    retries > 0 ? ` after ${retries} ${retries === 1 ? 'retry' : 'retries'}.` : '.',
    ...(continues ? [' It counts as a success for what depends on it (continueOnFailure).'] : []),
  ].join(''),
});

function whySkipped(graph: Graph, present: Present, taskId: string): Why {
  const reason = present.get(taskId)?.reason;
  const hook = graph.hooks.get(taskId);
  if (hook === 'onSuccess' || hook === 'onFailure')
    return {
      code: 'SKIPPED',
      text: `It was skipped because ${hook === 'onSuccess' ? 'a task failed' : 'no task failed'} (${hook}).`,
    };
  const roots = rootsOfSkip(graph, present, taskId);
  if (reason === 'UPSTREAM_FAILED' && roots.length > 0)
    return {
      code: 'SKIPPED',
      text: `It was skipped because ${listed(roots)} failed.`,
      because: roots,
    };
  if (reason === 'UPSTREAM_SKIPPED') {
    const rule = graph.tasks.get(taskId)?.triggerRule ?? 'all_success';
    const upstream = graph.upstream.get(taskId) ?? [];
    return {
      code: 'SKIPPED',
      text: `It was skipped because ${listed(upstream)} ended in a way its rule ${rule} does not allow.`,
      because: upstream,
    };
  }
  if (reason === 'FAIL_FAST') {
    const failed = failures(graph, present);
    return {
      code: 'SKIPPED',
      text: `It was not started because ${listed(failed)} had failed, and the definition fails fast.`,
      because: failed,
    };
  }
  return {
    code: 'SKIPPED',
    text: `It was skipped because its condition gave false: ${graph.tasks.get(taskId)?.when}`,
  };
}

/** The tasks whose failure counts. */
const failures = (graph: Graph, present: Present): readonly string[] =>
  [...present.values()].flatMap(({ taskId, status }) =>
    status === 'FAILED' && countsAs(graph, taskId, { status }).status === status ? taskId : [],
  );

/** The failed tasks at the head of the chains of skips that lead to this one. */
function rootsOfSkip(graph: Graph, present: Present, taskId: string): readonly string[] {
  const seen = new Set([taskId]);
  const failed: string[] = [];
  for (const id of seen)
    for (const up of graph.upstream.get(id) ?? []) {
      const task = present.get(up);
      if (!task || task.status === 'SUCCEEDED') continue;
      if (task.status === 'FAILED') failed.push(up);
      else if (isFailure({ status: 'SKIPPED', ...(task.reason ? { reason: task.reason } : {}) }))
        seen.add(up);
    }
  return [...new Set(failed)];
}
