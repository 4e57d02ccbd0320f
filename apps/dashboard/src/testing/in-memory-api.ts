/** The REST API over a map, as a `fetch`: enough of its rules for the dashboard to live with. */
import {
  startWorkflowRequestSchema,
  workflowSummarySchema,
  type Problem,
  type Task,
  type TaskDetail,
  type Workflow,
  type WorkflowSummary,
} from '@orchestra/api-contract';
import { pending } from './samples.js';

export const BASE = 'https://api.example/prod';

export class InMemoryApi {
  readonly workflows = new Map<string, Workflow>();
  readonly outputs = new Map<string, unknown>();
  /** `METHOD path` of every call, also of those that were lost. */
  readonly calls: string[] = [];
  reachable = true;
  pageSize = 50;

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
    this.calls.push(`${method} ${path}`);
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
    const [, , workflowId = '', , taskId] = path.split('/');
    const workflow = this.workflows.get(workflowId);
    if (!workflow) return problem({ title: 'Not found', status: 404, detail: 'No such workflow' });
    return taskId === undefined ? json(200, workflow) : this.task(workflow, taskId);
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
    const task = workflow.tasks.find((one) => one.taskId === taskId);
    if (!task) return problem({ title: 'Not found', status: 404 });
    return json(200, this.detail(task, workflow.input));
  }

  private detail(task: Task, input: unknown): TaskDetail {
    const { attempt, startedAt, endedAt, error } = task;
    return {
      ...task,
      input,
      output: this.outputs.get(task.taskId),
      attempts: startedAt ? [{ attempt, startedAt, endedAt, error }] : [],
    };
  }
}

/** Parsing leaves out what a summary does not have. */
const summary = (workflow: Workflow): WorkflowSummary => workflowSummarySchema.parse(workflow);

const json = (status: number, body: unknown): Response => Response.json(body, { status });

const problem = (details: Omit<Problem, 'type'>): Response =>
  json(details.status, { type: 'about:blank', ...details });
