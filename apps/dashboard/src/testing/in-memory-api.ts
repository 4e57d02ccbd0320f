/** The REST API over a map, as a `fetch`: enough of its rules for the dashboard to live with. */
import {
  cancelWorkflowRequestSchema,
  redriveWorkflowRequestSchema,
  rerunTaskRequestSchema,
  startWorkflowRequestSchema,
  workflowSummarySchema,
  type Explanation,
  type HistoryEvent,
  type Problem,
  type Task,
  type TaskDetail,
  type Workflow,
  type WorkflowSummary,
} from '@orchestra/api-contract';
import { isFinishedWorkflow } from '../features/status/finished.js';
import { redriven } from '../features/redrive/redriven.js';
import { cancelled, redriveAnswer, type Rerun } from './operations.js';
import { pending, withTasks } from './samples.js';

export const BASE = 'https://api.example/prod';

export class InMemoryApi {
  readonly workflows = new Map<string, Workflow>();
  readonly outputs = new Map<string, unknown>();
  /** By task id; the attempt that the task shows when there is none. */
  readonly attempts = new Map<string, TaskDetail['attempts']>();
  /** By task id. */
  readonly explanations = new Map<string, Explanation>();
  /** By the id of the map. */
  readonly items = new Map<string, readonly Task[]>();
  /** By workflow id. */
  readonly events = new Map<string, readonly HistoryEvent[]>();
  /** `METHOD path` of every call, also of those that were lost; a dry run is `METHOD path?dryRun=true`. */
  readonly calls: string[] = [];
  /** The body of every order that was carried out. */
  readonly orders: unknown[] = [];
  /** Says no to every order. */
  refusal: Omit<Problem, 'type'> | undefined;
  reachable = true;
  pageSize = 50;
  tasksPerPage = 1_000;

  constructor(...workflows: readonly Workflow[]) {
    for (const workflow of workflows) this.put(workflow);
  }

  put(workflow: Workflow): void {
    this.workflows.set(workflow.workflowId, workflow);
  }

  callsTo(call: string): number {
    return this.calls.filter((one) => one === call).length;
  }

  readonly fetch: typeof fetch = async (target, init) => {
    const url = new URL(String(target));
    const method = init?.method ?? 'GET';
    const path = url.pathname.replace('/prod', '');
    const dryRun = url.searchParams.get('dryRun') === 'true' ? '?dryRun=true' : '';
    this.calls.push(`${method} ${path}${dryRun}`);
    if (!this.reachable) throw new TypeError('Failed to fetch');
    return this.answer(method, path, url.searchParams, init?.body);
  };

  private answer(
    method: string,
    path: string,
    query: URLSearchParams,
    body: BodyInit | null | undefined,
  ): Response {
    if (path === '/workflows')
      return method === 'POST' ? this.start(JSON.parse(String(body))) : this.list(query);
    const [, , workflowId = '', part, taskId, of] = path.split('/').map(decodeURIComponent);
    const workflow = this.workflows.get(workflowId);
    if (!workflow) return problem({ title: 'Not found', status: 404, detail: 'No such workflow' });
    if (method === 'POST') {
      const dryRun = query.get('dryRun') === 'true';
      return this.order(workflow, of ?? part, taskId, JSON.parse(String(body)), dryRun);
    }
    if (part === 'events') return this.history(workflowId, query);
    if (of === 'explain') return this.explanation(taskId);
    if (part === 'tasks' && taskId === undefined) return this.tasks(workflow, query);
    return taskId === undefined ? this.show(workflow) : this.task(workflow, taskId);
  }

  private show(workflow: Workflow): Response {
    const { tasks, nextCursor } = page(workflow.tasks, 0, this.tasksPerPage);
    return json(200, { ...workflow, tasks, nextCursor });
  }

  private tasks({ tasks }: Workflow, query: URLSearchParams): Response {
    const map = query.get('map');
    const all = map === null ? tasks : (this.items.get(map) ?? []);
    return json(200, page(all, Number(query.get('cursor')), this.tasksPerPage));
  }

  private order(
    workflow: Workflow,
    order: string | undefined,
    taskId: string | undefined,
    body: unknown,
    dryRun: boolean,
  ): Response {
    if (this.refusal && !dryRun) return problem(this.refusal);
    if (!dryRun) this.orders.push(body);
    if (order === 'cancel') return this.cancel(workflow, cancelWorkflowRequestSchema.parse(body));
    if (order === 'redrive') {
      redriveWorkflowRequestSchema.parse(body);
      return this.redrive(workflow, undefined, dryRun);
    }
    const { downstream } = rerunTaskRequestSchema.parse(body);
    return this.redrive(workflow, { taskId: taskId ?? '', downstream }, dryRun);
  }

  private cancel(workflow: Workflow, { note }: { note?: string | undefined }): Response {
    if (isFinishedWorkflow(workflow.status))
      return problem({ title: 'Conflict', status: 409, detail: `It is ${workflow.status}` });
    this.put(cancelled(workflow, note, '2026-11-24T05:25:30.000Z'));
    return json(200, { workflowId: workflow.workflowId, status: 'CANCELLED' });
  }

  private redrive(workflow: Workflow, rerun: Rerun | undefined, dryRun: boolean): Response {
    if (!isFinishedWorkflow(workflow.status))
      return problem({ title: 'Conflict', status: 409, detail: 'It is still RUNNING' });
    const answer = redriveAnswer(workflow, rerun, dryRun);
    if (!dryRun) this.put(redriven(workflow, answer));
    return json(dryRun ? 200 : 202, answer);
  }

  private history(workflowId: string, query: URLSearchParams): Response {
    const all = this.events.get(workflowId) ?? [];
    const from = Number(query.get('cursor') ?? 0);
    const end = from + Math.min(this.pageSize, Number(query.get('limit')));
    const next = end < all.length ? { nextCursor: String(end) } : {};
    return json(200, { events: all.slice(from, end), ...next });
  }

  private explanation(taskId: string | undefined): Response {
    const explanation = this.explanations.get(taskId ?? '');
    return explanation ? json(200, explanation) : problem({ title: 'Not found', status: 404 });
  }

  private list(query: URLSearchParams): Response {
    const status = query.get('status');
    const all = [...this.workflows.values()]
      .filter((workflow) => !status || workflow.status === status)
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
      .map(summary);
    const from = Number(query.get('cursor') ?? 0);
    const end = from + this.pageSize;
    const next = end < all.length ? { nextCursor: String(end) } : {};
    return json(200, { workflows: all.slice(from, end), ...next });
  }

  private start(document: unknown): Response {
    const { workflowId = `started-${this.workflows.size}`, input = null } =
      startWorkflowRequestSchema.parse(document);
    const there = this.workflows.get(workflowId);
    const status = there?.status ?? 'RUNNING';
    if (there && JSON.stringify(there.input) !== JSON.stringify(input))
      return problem({
        title: 'Conflict',
        status: 409,
        detail: `${workflowId} was started with another input`,
      });
    if (!there) this.put({ ...pending, workflowId, input });
    return json(there ? 200 : 202, { workflowId, status });
  }

  private task(workflow: Workflow, taskId: string): Response {
    const items = [...this.items.values()].flat();
    const task = [...workflow.tasks, ...items].find((one) => one.taskId === taskId);
    if (!task) return problem({ title: 'Not found', status: 404 });
    return json(200, this.detail(task, workflow));
  }

  private counted({ taskId }: Task): TaskDetail['items'] {
    const items = this.items.get(taskId);
    return items && { count: items.length, byStatus: withTasks([...items]).taskCounts };
  }

  private detail(task: Task, { epoch, input }: Workflow): TaskDetail {
    const { attempt, startedAt, endedAt, error } = task;
    return {
      ...task,
      items: this.counted(task),
      input,
      output: this.outputs.get(task.taskId),
      attempts:
        this.attempts.get(task.taskId) ??
        (startedAt ? [{ attempt, epoch, startedAt, endedAt, error }] : []),
    };
  }
}

function page(all: readonly Task[], from: number, size: number) {
  const end = from + size;
  return {
    tasks: all.slice(from, end),
    nextCursor: end < all.length ? String(end) : undefined,
  };
}

/** Parsing leaves out what a summary does not have. */
const summary = (workflow: Workflow): WorkflowSummary => workflowSummarySchema.parse(workflow);

const json = (status: number, body: unknown): Response => Response.json(body, { status });

const problem = (details: Omit<Problem, 'type'>): Response =>
  json(details.status, { type: 'about:blank', ...details });
