/** What was done to a runtime: kills and faults, counted by kind, and each kill with its time. */
import type { Shot } from './protocol.js';
import type { RuntimeListener } from './supervised-runtime.js';

export interface Tally {
  readonly kills: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
}

export class Journal implements RuntimeListener {
  readonly #beganAt = performance.now();
  readonly #kills = new Map<string, number>();
  readonly #faults = new Map<string, number>();
  readonly #lines: string[] = [];
  /** How many processes the labelled shot hit; undefined: it was not taken since it was armed. */
  hit: number | undefined;

  armed(): void {
    this.hit = undefined;
  }

  readonly onFault = (fault: string): void => {
    add(this.#faults, fault, 1);
  };

  readonly onFired = (shot: Shot, hit: number): void => {
    this.killed(shot.victim, hit, `${shot.side} ${shot.label}`);
    this.hit = hit;
  };

  readonly onNotice = (text: string): void => {
    this.#note(text);
  };

  killed(victim: string, hit: number, where: string): void {
    add(this.#kills, victim, hit);
    this.#note(`SIGKILL ${victim} x${hit} ${where}`);
  }

  get tally(): Tally {
    return { kills: Object.fromEntries(this.#kills), faults: Object.fromEntries(this.#faults) };
  }

  /** Oldest first, with the milliseconds since it began. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  #note(text: string): void {
    this.#lines.push(`${Math.round(performance.now() - this.#beganAt)} ms ${text}`);
  }
}

function add(counts: Map<string, number>, kind: string, by: number): void {
  if (by > 0) counts.set(kind, (counts.get(kind) ?? 0) + by);
}
