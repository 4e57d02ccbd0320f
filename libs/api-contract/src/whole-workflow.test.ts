import type { Client } from './client.js';
import { wholeWorkflow } from './whole-workflow.js';

type Workflow = Awaited<ReturnType<Client['getWorkflow']>>;
type Tasks = Awaited<ReturnType<Client['listTasks']>>;

const task = (taskId: string) => ({
  taskId,
  kind: 'function' as const,
  function: 'F',
  status: 'PENDING' as const,
  dependsOn: [],
  attempt: 0,
});
const workflow = (tasks: Workflow['tasks'], nextCursor?: string): Workflow => ({
  workflowId: 'w',
  status: 'RUNNING',
  definition: { name: 'd', revision: 1 },
  createdAt: '2026-01-02T03:04:05.006Z',
  epoch: 1,
  input: null,
  taskCounts: { PENDING: 4 },
  tasks,
  ...(nextCursor === undefined ? {} : { nextCursor }),
});

describe('reading a workflow whole', () => {
  it('asks once when it comes whole', async () => {
    const whole = workflow([task('A')]);
    const client = {
      getWorkflow: async () => whole,
      listTasks: async (): Promise<Tasks> => Promise.reject(new Error('not to be asked')),
    };
    expect(await wholeWorkflow(client, 'w')).toEqual(whole);
  });

  it('asks for page after page when it does not', async () => {
    const asked: unknown[] = [];
    const pages: Tasks[] = [
      { tasks: [task('B'), task('C')], nextCursor: 'after C' },
      { tasks: [task('D')] },
    ];
    const client = {
      getWorkflow: async () => workflow([task('A')], 'after A'),
      listTasks: async ({ cursor }: { cursor?: string | undefined }) => {
        asked.push(cursor);
        return pages[asked.length - 1] as Tasks;
      },
    };
    const whole = await wholeWorkflow(client, 'w');
    expect(whole).toEqual(workflow(['A', 'B', 'C', 'D'].map(task)));
    expect(asked).toEqual(['after A', 'after C']);
  });
});
