/** What every journey has: the dashboard's words for things, and a console that must stay clean. */
import { expect, test as base, type Locator, type Page } from '@playwright/test';

interface Fixtures {
  /** Console errors that belong to the journey, such as a refusal it provokes. */
  readonly expectedConsole: RegExp[];
  readonly dashboard: Dashboard;
}

export const test = base.extend<Fixtures>({
  expectedConsole: [[], { option: true }],
  dashboard: async ({ page, expectedConsole }, use) => {
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
    page.on('console', (message) => {
      const text = `${message.text()} (${message.location().url})`;
      if (message.type() === 'error' && !expectedConsole.some((one) => one.test(text)))
        complaints.push(text);
    });
    await use(new Dashboard(page));
    expect(complaints, 'errors in the console').toEqual([]);
  },
});

export class Dashboard {
  constructor(readonly page: Page) {}

  readonly open = (path = '/') => this.page.goto(path);

  readonly startButton = () => this.page.getByRole('button', { name: 'Start workflow' });

  /** Opens the start dialog and fills it; nothing is sent yet. */
  async fillStartDialog(form: { workflowId?: string; input?: string }): Promise<Locator> {
    await this.page.getByRole('button', { name: 'Start with an id or input' }).click();
    const dialog = this.page.getByRole('dialog', { name: 'Start a workflow' });
    await dialog.getByRole('textbox', { name: 'Workflow id' }).fill(form.workflowId ?? '');
    await dialog.getByRole('textbox', { name: 'Input' }).fill(form.input ?? '');
    return dialog;
  }

  async startWith(form: { workflowId?: string; input: unknown }): Promise<void> {
    const dialog = await this.fillStartDialog({ ...form, input: JSON.stringify(form.input) });
    await dialog.getByRole('button', { name: 'Start', exact: true }).click();
    await expect(dialog).toBeHidden();
  }

  /** Of the selected workflow: id, status, times. */
  readonly header = () => this.page.getByRole('main').locator('header').first();

  readonly rows = () =>
    this.page.getByRole('list', { name: 'Workflows, newest first' }).getByRole('link');

  readonly node = (taskId: string) =>
    this.page.getByRole('button', { name: new RegExp(`^Task ${taskId}, `) });

  readonly panel = (taskId: string) =>
    this.page.getByRole('complementary', { name: `Task ${taskId}` });

  /** Presses a button that asks first; nothing is sent yet. */
  async ask(button: string, title: string): Promise<Locator> {
    await this.page.getByRole('button', { name: button, exact: true }).click();
    const dialog = this.page.getByRole('dialog', { name: title });
    await expect(dialog).toBeVisible();
    return dialog;
  }

  /** Gives the order, waits for what came of it, and leaves the dialog. */
  async confirm(dialog: Locator, verb: string, result: string): Promise<void> {
    await dialog.getByRole('button', { name: verb, exact: true }).click();
    await expect(dialog.getByRole('status')).toContainText(result);
    await dialog.getByRole('button', { name: 'Close', exact: true }).click();
    await expect(dialog).toBeHidden();
  }

  /** Of a preview: the tasks under one of its headings. */
  readonly names = (dialog: Locator, heading: string) =>
    dialog.getByRole('region', { name: heading }).getByRole('listitem');

  /** Newest first. */
  readonly attempts = (taskId: string) =>
    this.panel(taskId).getByRole('listitem').filter({ hasText: /^#\d/ });

  readonly why = (taskId: string) => this.panel(taskId).getByRole('status', { name: 'Why' });

  readonly showHistory = () =>
    this.page.getByRole('link', { name: 'History', exact: true }).click();

  readonly events = () =>
    this.page.getByRole('list', { name: 'Events, oldest first' }).getByRole('listitem');

  async workflowId(): Promise<string> {
    await this.page.waitForURL(/\/workflows\//);
    return new URL(this.page.url()).pathname.split('/').at(-1) ?? '';
  }
}

export { expect };
