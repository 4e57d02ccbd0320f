import type { Stoppable } from './runtime.js';

/** Milliseconds that any one part may take to stop, what runs in it included. */
const PART_STOP_MS = 5_000;

/** What runs, in the order it was started. */
export class Started implements Stoppable {
  readonly #parts: { readonly part: Stoppable; readonly name: string }[] = [];
  #stopping: Promise<void> | undefined;

  constructor(private readonly onNotice: (line: string) => void) {}

  add<Part extends Stoppable>(name: string, part: Part): Part {
    this.#parts.push({ part, name });
    return part;
  }

  /** Last first. A part that fails to stop, or takes too long, is named, and the rest is stopped all the same. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  async #stop(): Promise<void> {
    for (const { part, name } of this.#parts.reverse()) {
      const problem = await problemOf(part);
      if (problem !== undefined) this.onNotice(`${name} did not stop: ${problem}`);
    }
  }
}

async function problemOf(part: Stoppable): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`not within ${PART_STOP_MS / 1_000} s`), PART_STOP_MS);
  });
  const stopped = part.stop().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const problem = await Promise.race([stopped, tooLong]);
  clearTimeout(timer);
  return problem;
}
