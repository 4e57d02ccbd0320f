/** Functions that take only so many tasks at once. */
import type { View } from './view.js';
import { expect } from './violation.js';

export class Functions {
  /** By function: when each call of it is over. */
  private readonly ends = new Map<string, number[]>();

  constructor(
    private readonly view: View,
    private readonly limits: Readonly<Record<string, number>>,
    /** Clocks are right and no call takes longer than it was given: what a lease can promise holds. */
    private readonly isOnTime: boolean,
  ) {}

  /** @param ms how long the call takes */
  called(name: string, taskName: string, ms: number): void {
    const limit = this.limits[name];
    if (limit === undefined || !this.isOnTime) return;
    const { now } = this.view.clock;
    const running = [...(this.ends.get(name) ?? []).filter((end) => end > now), now + ms];
    this.ends.set(name, running);
    const count = running.length;
    expect(
      count <= limit,
      'PLACE',
      `${taskName}: ${count} calls of ${name}, and it takes ${limit}`,
    );
  }
}
