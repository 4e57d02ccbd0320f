import { cpus } from 'node:os';

/** Milliseconds between two readings: shorter ones are too coarse against the kernel's ticks of 10 ms. */
const windowMs = 100;

/** The share of all cores' time that was idle in the last full window; 0 until there was one. */
export class CpuSampler {
  #before = reading();
  #idleFraction = 0;

  idleFraction(): number {
    const now = reading();
    const elapsed = now.at - this.#before.at;
    if (elapsed < windowMs) return this.#idleFraction;
    const total = now.total - this.#before.total;
    // A sample that began long ago says nothing about now.
    const usable = total > 0 && elapsed < 5 * windowMs;
    this.#idleFraction = usable ? (now.idle - this.#before.idle) / total : 0;
    this.#before = now;
    return this.#idleFraction;
  }
}

function reading() {
  const times = cpus().map((cpu) => cpu.times);
  const idle = times.reduce((sum, t) => sum + t.idle, 0);
  const total = times.reduce((sum, t) => sum + t.user + t.nice + t.sys + t.irq + t.idle, 0);
  return { at: performance.now(), idle, total };
}
