import { expect, test } from './journey.js';
import { nodeHistory, recordNodes } from './node-history.js';

const LIFE = ['PENDING', 'READY', 'RUNNING', 'SUCCEEDED'];
const TASKS = ['A', 'B1', 'B2', 'B3', 'C'];

test('one click starts a workflow that is followed to its success', async ({ dashboard, page }) => {
  await dashboard.open();
  await dashboard.startButton().click();
  const workflowId = await dashboard.workflowId();
  await expect(page.getByRole('heading', { name: workflowId })).toBeVisible();
  await recordNodes(page);
  await expect(dashboard.header()).toContainText('Success');
  await expect(dashboard.rows().first()).toContainText(workflowId);
  await expect(dashboard.rows().first()).toContainText('Success');

  const history = await nodeHistory(page);
  expect(Object.keys(history).sort()).toEqual(TASKS);
  for (const taskId of TASKS) {
    const { statuses = [], boxes } = history[taskId] ?? {};
    const order = statuses.map((status) => LIFE.indexOf(status));
    expect(order, `${taskId} only went forward: ${statuses}`).toEqual(
      order.toSorted((a, b) => a - b),
    );
    expect(statuses.at(-1)).toBe('SUCCEEDED');
    expect(boxes, `${taskId} never moved`).toHaveLength(1);
  }
});

test('every task is seen waiting, running and succeeding, and shows its output', async ({
  dashboard,
  page,
}) => {
  await dashboard.open();
  await dashboard.startWith({ input: { delayMs: 2_500 } });
  await recordNodes(page);
  await expect(dashboard.header()).toContainText('Success');

  const history = await nodeHistory(page);
  for (const taskId of TASKS) {
    expect(history[taskId]?.statuses, taskId).toEqual(
      expect.arrayContaining(['RUNNING', 'SUCCEEDED']),
    );
    expect(history[taskId]?.boxes, `${taskId} never moved`).toHaveLength(1);
  }
  expect(history['C']?.statuses[0]).toBe('PENDING');

  await dashboard.node('B2').click();
  const panel = dashboard.panel('B2');
  await expect(panel).toContainText('Succeeded');
  await expect(dashboard.node('C'), 'the graph makes room').toBeInViewport({ ratio: 0.99 });
  await expect(panel.getByRole('region', { name: 'output' })).toContainText('"runtime"');
  await expect(panel.getByRole('region', { name: 'input' })).toContainText('2500');
  await expect(panel).toContainText('Attempt');
});
