/** Whoever starts, cancels and redrives: patient callers that ask again, with the same token, until they are answered. */
import type { OperatorAction, Plan } from './scenario.js';
import type { Ended } from './lambda.js';
import type { World } from './world.js';

const ASK_AGAIN_MS = [200, 2_000, 9_000];

export class Clients {
  /** Callers that have not got all they want. */
  open = 0;
  private tokens = 0;
  private readonly changes = new Map<string, number>();
  private readonly waiting: {
    readonly plan: Plan;
    readonly action: OperatorAction;
    isDue: boolean;
  }[] = [];

  constructor(private readonly world: World) {
    world.onChange = (workflowId) => this.follow(workflowId);
    for (const plan of world.scenario.plans) {
      for (const action of plan.actions) this.waiting.push({ plan, action, isDue: false });
      this.open += 1;
      world.kernel.later(plan.startAfterMs, () => void this.start(plan));
    }
  }

  private follow(workflowId: string): void {
    const changes = (this.changes.get(workflowId) ?? 0) + 1;
    this.changes.set(workflowId, changes);
    const hasEnded = this.world.table.workflow(workflowId)?.status !== 'RUNNING';
    for (const each of this.waiting) {
      if (each.isDue || each.plan.workflowId !== workflowId) continue;
      if (each.action.after === 'end' ? !hasEnded : changes < each.action.after) continue;
      each.isDue = true;
      this.open += 1;
      this.world.kernel.later(each.action.delayMs, () => void this.act(each.plan, each.action));
      // Of those that wait for the end, one at a time.
      if (each.action.after === 'end') return;
    }
  }

  private async start(plan: Plan): Promise<void> {
    await this.ask(() =>
      this.world.call('start', (engine, ports) => engine.startWorkflow(ports, requestOf(plan))),
    );
    this.open -= 1;
  }

  private async act(plan: Plan, action: OperatorAction): Promise<void> {
    const { workflowId } = plan;
    const { world } = this;
    if (action.kind === 'cancel') {
      let epoch = 0;
      const answer = await this.ask(() => {
        epoch = world.table.workflow(workflowId)?.epoch ?? 0;
        return world.call('operator', (engine, ports) =>
          engine.cancelWorkflow(ports, { mode: 'cancel', workflowId }),
        );
      });
      if (answer.kind === 'cancelled')
        world.guard(() => world.watch.cancelAnswered(workflowId, epoch));
    } else if (action.kind === 'redrive') {
      const { selection = { kind: 'unfinished' as const }, revision } = action;
      this.tokens += 1;
      const token = `token ${this.tokens}`;
      await this.ask(() =>
        world.call('operator', (engine, ports) =>
          engine.redriveWorkflow(ports, {
            mode: 'redrive',
            workflowId,
            token,
            selection,
            ...(revision === undefined ? {} : { revision }),
          }),
        ),
      );
    } else if (action.kind === 'check') {
      await this.ask(() =>
        world.call('operator', (engine, ports) => engine.check(ports, [workflowId], 0)),
      );
    } else await this.startAgain(plan, action.kind === 'start again');
    this.open -= 1;
  }

  private async startAgain(plan: Plan, isSame: boolean): Promise<void> {
    const { world } = this;
    const request = { ...requestOf(plan), ...(isSame ? {} : { input: { other: 'body' } }) };
    const isThere = world.table.workflow(plan.workflowId) !== undefined;
    const { kind } = await this.ask(() =>
      world.call('start', (engine, ports) => engine.startWorkflow(ports, request)),
    );
    const expected = isSame ? ['existing', 'created'] : ['conflict'];
    if (isThere && !expected.includes(kind))
      world.violate('I13', `${plan.workflowId} started ${isSame ? 'again' : 'otherwise'}: ${kind}`);
  }

  private async ask<Answer>(request: () => Promise<Ended<Answer>>): Promise<Answer> {
    for (;;) {
      const ended = await request();
      if (ended.kind === 'answered') return ended.answer;
      await this.wait();
    }
  }

  private wait(): Promise<void> {
    const { kernel } = this.world;
    return new Promise((resolve) => kernel.later(kernel.random.pick(ASK_AGAIN_MS), resolve));
  }
}

const requestOf = ({ workflowId, definition, input }: Plan) => ({
  mode: 'start' as const,
  workflowId,
  definition: { name: definition, revision: 1 },
  input: input as { n: number },
});
