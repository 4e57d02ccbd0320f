/** Whoever starts workflows and gives orders about them. */
import type { AskedOverride, Selection } from '@orchestra/workflow-core';
import { hasEnded } from '../checks/oracle.js';
import type { OperatorAction } from './actions.js';
import { ask, pause } from './asking.js';
import type { Plan } from './scenario.js';
import type { World } from './world.js';

interface Waiting {
  readonly plan: Plan;
  readonly action: OperatorAction;
  isDue: boolean;
}

type Act = (plan: Plan, action: OperatorAction) => Promise<void>;

export class Clients {
  /** Callers that have not got all they want. */
  open = 0;
  private tokens = 0;
  private readonly changes = new Map<string, number>();
  private readonly waiting: Waiting[] = [];

  constructor(private readonly world: World) {
    for (const plan of world.scenario.plans) {
      for (const action of plan.actions) this.waiting.push({ plan, action, isDue: false });
      this.open += 1;
      world.kernel.later(plan.startAfterMs, () => void this.start(plan));
    }
  }

  /** An item of the workflow has changed. */
  follow(workflowId: string): void {
    const changes = (this.changes.get(workflowId) ?? 0) + 1;
    this.changes.set(workflowId, changes);
    const workflow = this.world.table.workflow(workflowId);
    const isOver = workflow === undefined || hasEnded(workflow);
    for (const each of this.waiting) {
      if (each.isDue || each.plan.workflowId !== workflowId) continue;
      if (each.action.after === 'end' ? !isOver : changes < each.action.after) continue;
      each.isDue = true;
      this.open += 1;
      this.world.kernel.later(each.action.delayMs, () => void this.act(each));
      // Of those that wait for the end, one at a time.
      if (each.action.after === 'end') return;
    }
  }

  private async act({ plan, action }: Waiting): Promise<void> {
    await this.acts[action.kind](plan, action);
    this.open -= 1;
  }

  private async start(plan: Plan): Promise<void> {
    const { watch } = this.world;
    watch.startAsked(plan.workflowId);
    await ask(this.world, () =>
      this.world.call('start', (engine, ports) => engine.startWorkflow(ports, requestOf(plan))),
    );
    watch.startAnswered(plan.workflowId);
    this.open -= 1;
  }

  private readonly acts: Record<OperatorAction['kind'], Act> = {
    cancel: ({ workflowId }) => this.cancel(workflowId),
    'cancel child': ({ workflowId }) => this.cancelChild(workflowId),
    redrive: ({ workflowId }, { selection = { kind: 'unfinished' }, revision }) =>
      this.redrive(workflowId, selection, revision === undefined ? {} : { revision }),
    check: ({ workflowId }) => this.check(workflowId),
    'start again': (plan) => this.startAgain(plan, true),
    'start otherwise': (plan) => this.startAgain(plan, false),
    pause: ({ workflowId }, { forMs = 0 }) => this.pauseFor(workflowId, forMs),
    skip: ({ workflowId }, { task: taskId = '' }) =>
      this.override(workflowId, { taskId, kind: 'skip' }),
    'set output': ({ workflowId }, { task: taskId = '' }) =>
      this.override(workflowId, { taskId, kind: 'output', output: { set: this.token() } }),
    'edit input': ({ workflowId }, { task: taskId = '' }) =>
      this.redrive(
        workflowId,
        { kind: 'tasks', tasks: [taskId], downstream: true },
        { overrides: [{ taskId, kind: 'input', input: { edited: this.token() } }] },
      ),
  };

  private token = (): string => `token ${(this.tokens += 1)}`;

  private async cancel(workflowId: string): Promise<void> {
    const { world } = this;
    let epoch = 0;
    const answer = await ask(world, () => {
      epoch = world.table.workflow(workflowId)?.epoch ?? 0;
      return world.call('operator', (engine, ports) =>
        engine.cancelWorkflow(ports, { mode: 'cancel', workflowId }),
      );
    });
    if (answer.kind === 'cancelled')
      world.guard(() => world.watch.cancelAnswered(workflowId, epoch));
  }

  /** One of those that run for it, or for one of those. */
  private async cancelChild(workflowId: string): Promise<void> {
    const { table, kernel } = this.world;
    const isBelow = (id: string): boolean => {
      const above = table.workflow(id)?.parent?.workflowId;
      return above !== undefined && (above === workflowId || isBelow(above));
    };
    const children = table.workflowIds().filter(isBelow);
    if (children.length > 0) await this.cancel(kernel.random.pick(children));
  }

  private async redrive(
    workflowId: string,
    selection: Selection,
    more: { readonly revision?: number; readonly overrides?: AskedOverride[] },
  ): Promise<void> {
    const token = this.token();
    const asked = {
      ...selection,
      ...('tasks' in selection ? { tasks: [...selection.tasks] } : {}),
    };
    const request = { mode: 'redrive' as const, workflowId, token, ...more };
    for (const override of more.overrides ?? []) this.world.watch.ordered(workflowId, override);
    await ask(this.world, () =>
      this.world.call('operator', (engine, ports) =>
        engine.redriveWorkflow(ports, {
          ...request,
          selection: asked as Parameters<typeof engine.redriveWorkflow>[1]['selection'],
        }),
      ),
    );
  }

  private async check(workflowId: string): Promise<void> {
    await ask(this.world, () =>
      this.world.call('operator', (engine, ports) => engine.check(ports, [workflowId], 0)),
    );
  }

  /** And then lets it go on. */
  private async pauseFor(workflowId: string, milliseconds: number): Promise<void> {
    const { world } = this;
    const order = (mode: 'pause' | 'resume') =>
      ask(world, () =>
        world.call('operator', (engine, ports) =>
          engine.controlWorkflow(ports, { mode, workflowId }),
        ),
      );
    await order('pause');
    await pause(world.kernel, milliseconds);
    await order('resume');
  }

  private async override(
    workflowId: string,
    override: Exclude<AskedOverride, { kind: 'input' }>,
  ): Promise<void> {
    const { world } = this;
    const token = this.token();
    world.watch.ordered(workflowId, override);
    await ask(world, () =>
      world.call('operator', (engine, ports) =>
        engine.overrideTask(ports, { mode: 'override', workflowId, token, override }),
      ),
    );
  }

  private async startAgain(plan: Plan, isSame: boolean): Promise<void> {
    const { world } = this;
    const request = { ...requestOf(plan), ...(isSame ? {} : { input: { other: 'body' } }) };
    const isThere = world.table.workflow(plan.workflowId) !== undefined;
    const { kind } = await ask(world, () =>
      world.call('start', (engine, ports) => engine.startWorkflow(ports, request)),
    );
    const expected = isSame ? ['existing', 'created'] : ['conflict'];
    if (isThere && !expected.includes(kind))
      world.violate('I13', `${plan.workflowId} started ${isSame ? 'again' : 'otherwise'}: ${kind}`);
  }
}

const requestOf = ({ workflowId, definition, input }: Plan) => ({
  mode: 'start' as const,
  workflowId,
  definition: { name: definition, revision: 1 },
  input: input as { n: number },
});
