/**
 * Whoever is asked by a callback: answers in time, too late, twice, by a wrong token, by an old one, or never. What each
 * was told is in the ledger.
 */
import {
  callbackToken,
  isOpenCallback,
  type AnswerRequest,
  type Task,
} from '@orchestra/workflow-core';
import { ask, pause } from './asking.js';
import type { Answer } from './tasks.js';
import type { World } from './world.js';

const HABITS = [
  'success',
  'success',
  'failure',
  'twice',
  'twice',
  'heartbeat',
  'wrong token',
  'late',
  'never',
] as const;

const DELAYS_MS = [0, 300, 4_000, 14_900, 60_000];

export class Answerers {
  /** Of them, who has not got what they want. */
  open = 0;
  private readonly asked = new Set<string>();
  private answers = 0;
  /** Tokens of before. */
  private readonly tokens: string[] = [];

  constructor(private readonly world: World) {}

  /** A task has changed. */
  follow(task: Task): void {
    if (!isOpenCallback(task)) return;
    const { workflowId, taskId, callback, wakeAt } = task;
    if (this.asked.has(callback.secret)) return;
    this.asked.add(callback.secret);
    this.open += 1;
    const token = callbackToken({ workflowId, taskId, secret: callback.secret });
    const { kernel } = this.world;
    const patienceMs = Date.parse(wakeAt) - Date.parse(callback.openedAt);
    kernel.later(kernel.random.pick(DELAYS_MS), () => void this.behave(token, patienceMs));
  }

  private async behave(token: string, patienceMs: number): Promise<void> {
    const { kernel } = this.world;
    const { random } = kernel;
    const [old] = this.tokens.slice(-1);
    this.tokens.push(token);
    if (old !== undefined && random.chance(0.2)) await this.answer(old, 'success');
    switch (random.pick(HABITS)) {
      case 'success':
        await this.answer(token, 'success');
        break;
      case 'failure':
        await this.answer(token, 'failure');
        break;
      case 'twice':
        await Promise.all([this.answer(token, 'success'), this.answer(token, 'failure')]);
        break;
      case 'heartbeat':
        await this.beatAndAnswer(token, patienceMs);
        break;
      case 'wrong token':
        await this.answer(wrong(token), 'success');
        await this.answer(token, 'success');
        break;
      case 'late':
        await pause(kernel, patienceMs + random.below(20_000));
        await this.answer(token, 'success');
        break;
      case 'never':
        break;
    }
    this.open -= 1;
  }

  private async beatAndAnswer(token: string, patienceMs: number): Promise<void> {
    const { kernel } = this.world;
    for (let beats = kernel.random.between(1, 3); beats > 0; beats -= 1) {
      const { kind } = await ask(this.world, () =>
        this.world.call('operator', (engine, ports) =>
          engine.beatCallback(ports, { mode: 'heartbeat', token }),
        ),
      );
      if (kind !== 'extended') return;
      await pause(kernel, patienceMs * 0.8);
    }
    await this.answer(token, 'success');
  }

  private async answer(token: string, outcome: AnswerRequest['outcome']): Promise<void> {
    const { world } = this;
    this.answers += 1;
    const requestId = `answer ${this.answers}`;
    const answer: Answer = { requestId, token, outcome };
    world.ledger.answers.set(requestId, answer);
    const request: AnswerRequest = {
      mode: 'answer',
      ...answer,
      ...(outcome === 'success' ? { output: { by: requestId } } : {}),
    };
    const { kind } = await ask(world, () =>
      world.call('operator', (engine, ports) => engine.answerCallback(ports, request)),
    );
    world.guard(() => world.watch.answerTold(answer, kind));
  }
}

/** Another secret of the same length. */
const wrong = (token: string): string => `${token.slice(0, -1)}${token.endsWith('x') ? 'y' : 'x'}`;
