/** Signals that ask a foreground command to end, as one. A second one ends it without further ado. */
export interface Termination {
  readonly signal: AbortSignal;
  /** Resolves when the command is to end. */
  readonly requested: Promise<void>;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A terminal may send one Ctrl-C to a process twice: by its group, and by the parent that passes it on. */
const SAME_REQUEST_MS = 300;

export function watchTermination(): Termination {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const requested = new Promise<void>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  for (const name of SIGNALS) {
    process.on(name, () => {
      const now = performance.now();
      firstAt ??= now;
      // What is still running then is ended by the watchers of its own that it was started with.
      if (now - firstAt > SAME_REQUEST_MS) process.exit(130);
      controller.abort();
    });
  }
  watchParent(() => controller.abort());
  // The terminal may be gone; the stack still has to be stopped.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  return { signal: controller.signal, requested };
}

const PARENT_LOOK_MS = 500;

/** A shell between npm and this process keeps signals to itself: when npm is ended, only its absence tells. */
function watchParent(onGone: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    onGone();
  }, PARENT_LOOK_MS);
  look.unref();
}
