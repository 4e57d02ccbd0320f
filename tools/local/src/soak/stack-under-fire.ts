/**
 * The process that is a runtime under faults: a stack with labelled points in it, at the command of its parent. Its parent's
 * death ends it.
 */
import { createFaultProxy } from '../aws-endpoint/faults-proxy.js';
import type { StackModel } from '../model.js';
import { startStack, type RunningStack } from '../stack.js';
import { plainName } from './labels.js';
import { Points, type Actor } from './points.js';
import {
  requestSchema,
  settingsSchema,
  type Request,
  type Settings,
  type Shot,
  type SoakEvent,
  type Target,
} from './protocol.js';
import { killEngine, killGroup, killSandboxes, VoidKillError } from './victims.js';

/** Each kill of a long run is one; it stays away for long enough that its port is seen to refuse. */
const ENGINE_RESTARTS = { most: 10_000, afterMs: 100 };

const TARGET_NAMES: Readonly<Record<Exclude<Target, 'engine'>, RegExp>> = {
  worker: /^Worker$/,
  orchestrator: /^Orchestrator$/,
  task: /^Task/,
};

class StackUnderFire {
  readonly #faults;
  readonly #points: Points;
  #stack: RunningStack | undefined;

  constructor(private readonly settings: Settings) {
    this.#faults = createFaultProxy({
      plan: settings.faults,
      onFault: ({ kind }) => void tell({ kind: 'fault', fault: kind }),
    });
    this.#points = new Points({
      nameOf: (name) => nameIn(this.#stack?.model, name),
      fire: (shot, actor) =>
        this.#fire(shot, actor).catch((error: unknown) =>
          tell({ kind: 'failed', reason: String(error) }),
        ),
      inner: this.#faults.hook,
    });
  }

  async start(): Promise<void> {
    const { dataDirectory, assemblyDirectory, environment } = this.settings;
    const stack = await startStack({
      ...{ dataDirectory, assemblyDirectory, suggestedEnvironment: environment },
      scheduleEverySeconds: 1,
      engineRestarts: ENGINE_RESTARTS,
      interference: this.#points,
      onNotice: (text) => void tell({ kind: 'notice', text }),
      onFailure: (error) => void tell({ kind: 'failed', reason: error.message }),
    });
    this.#stack = stack;
    const { awsEndpointUrl, ledgerFile, emulator, model } = stack;
    const addresses = {
      ...{ awsEndpointUrl, ledgerFile, engineUrl: emulator.url },
      tableName: model.tables[0]?.name ?? '',
      orchestrator: functionNamed(model, TARGET_NAMES.orchestrator)[0] ?? '',
    };
    await tell({ kind: 'ready', addresses });
  }

  async answer(request: Request): Promise<unknown> {
    const stack = this.#stack;
    if (!stack) throw new Error('it has not started yet');
    switch (request.ask) {
      case 'watch':
        return this.#points.watch(request.workflowId);
      case 'labels':
        return this.#points.reached;
      case 'arm':
        return this.#points.arm(request.shot);
      case 'disarm':
        return this.#points.disarm();
      case 'chill':
        return stack.functions.sandboxes().filter(({ pid }) => killGroup(pid)).length;
      case 'kill':
        return this.#kill(stack, request);
      case 'calm':
        return this.#faults.close();
      case 'metrics':
        return Object.fromEntries(stack.metrics().map(({ name, sum }) => [name, sum]));
      case 'stop':
        return stack.stop();
    }
  }

  async #kill(
    stack: RunningStack,
    { target, draw }: Extract<Request, { ask: 'kill' }>,
  ): Promise<number> {
    if (target === 'engine') return this.#killEngine(stack);
    const { functions, model } = stack;
    const names = functionNamed(model, TARGET_NAMES[target]);
    const all = functions.sandboxes().filter(({ functionName }) => names.includes(functionName));
    const atWork = all.filter(({ traceHeader }) => traceHeader !== undefined);
    const from = atWork.length > 0 ? atWork : all;
    const victim = from[Math.floor(draw * from.length)];
    return Number(victim !== undefined && killGroup(victim.pid));
  }

  /** A kill that proves nothing has hit nobody. */
  async #killEngine({ emulator }: RunningStack): Promise<number> {
    try {
      return Number(await killEngine(emulator));
    } catch (error) {
      if (!(error instanceof VoidKillError)) throw error;
      await tell({ kind: 'notice', text: error.message });
      return 0;
    }
  }

  async #fire(shot: Shot, actor: Actor): Promise<void> {
    const stack = this.#stack;
    if (!stack) return;
    switch (shot.victim) {
      case 'sandbox':
        return tell({ kind: 'fired', shot, hit: killSandboxes(stack.functions, actor) });
      case 'engine':
        return tell({ kind: 'fired', shot, hit: await this.#killEngine(stack) });
      case 'runtime':
        await tell({ kind: 'fired', shot, hit: 1 });
        process.kill(process.pid, 'SIGKILL');
        return new Promise(() => undefined);
    }
  }
}

function nameIn(model: StackModel | undefined, nameOrArn: string): string {
  const found = model?.functions.find(({ name, arn }) => name === nameOrArn || arn === nameOrArn);
  return plainName(found?.logicalId ?? nameOrArn);
}

const functionNamed = (model: StackModel, pattern: RegExp): readonly string[] =>
  model.functions
    .filter(({ logicalId }) => pattern.test(plainName(logicalId)))
    .map(({ name }) => name);

/** Resolves once the message is with the other process. */
function tell(event: SoakEvent): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(event, () => resolve());
    else resolve();
  });
}

async function main(): Promise<void> {
  const settings = settingsSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
  const stack = new StackUnderFire(settings);
  process.on('message', (message) => {
    const request = requestSchema.parse(message);
    stack.answer(request).then(
      async (value) => {
        await tell({ kind: 'answer', id: request.id, value });
        if (request.ask === 'stop') process.exit(0);
      },
      (error: unknown) => tell({ kind: 'refused', id: request.id, reason: String(error) }),
    );
  });
  process.once('disconnect', () => process.exit(1));
  await stack.start();
}

main().catch(async (error: unknown) => {
  await tell({ kind: 'failed', reason: String(error) });
  process.exit(1);
});
