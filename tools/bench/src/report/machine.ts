/** Where and when it was measured: figures without it say nothing. */
import { cpus, totalmem } from 'node:os';

export function machine(): string {
  const models = [...new Set(cpus().map(({ model }) => model.trim()))];
  const memory = Math.round(totalmem() / 1024 ** 3);
  const today = new Date().toISOString().slice(0, 10);
  return `${today}, ${cpus().length} cores (${models.join(', ')}), ${memory} GiB, ${process.platform}, Node ${process.versions.node}`;
}
