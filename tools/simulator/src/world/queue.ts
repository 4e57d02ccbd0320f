/** Lambda's asynchronous invocation queue: in no order, more than once at times, two more tries after a failure. */
import type { WorkMessage } from '@orchestra/workflow-core';
import type { Faults } from './faults.js';
import type { Kernel } from './kernel.js';

const USUAL_DELAY_MS = 80;
const LATE_MS = 20_000;
const DUPLICATE_MS = [0, 200, 2_000, 90_000];
const RETRY_MS = [60_000, 120_000];

export class Queue {
  /** On their way, or at work. */
  open = 0;

  constructor(
    private readonly kernel: Kernel,
    private readonly faults: Faults,
    /** False: it failed, and comes again. */
    private readonly deliver: (message: WorkMessage) => Promise<boolean>,
  ) {}

  accept(message: WorkMessage): void {
    const { random } = this.kernel;
    if (this.faults.strikes('dropMessage')) return this.kernel.trace('a message is dropped');
    const usual = USUAL_DELAY_MS * this.faults.lag;
    const delay = random.below(this.faults.strikes('lateMessage') ? LATE_MS : usual);
    this.send(message, delay, 0);
    if (this.faults.strikes('dupMessage')) this.send(message, delay + random.pick(DUPLICATE_MS), 0);
  }

  private send(message: WorkMessage, delay: number, tries: number): void {
    this.open += 1;
    this.kernel.later(delay, () => void this.attempt(message, tries));
  }

  private async attempt(message: WorkMessage, tries: number): Promise<void> {
    const isDone = await this.deliver(message);
    this.open -= 1;
    const retryAfter = RETRY_MS[tries];
    if (!isDone && retryAfter !== undefined) this.send(message, retryAfter, tries + 1);
  }
}
