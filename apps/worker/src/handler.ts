/** The Lambda: one message, tasks of one workflow. */
import type { Context } from 'aws-lambda';
import { createMetrics, workMessageSchema } from '@orchestra/workflow-core';
import { createPorts } from './dependencies.js';
import { readEnv } from './env.js';
import type { Counter } from './ports.js';
import { work, type WorkReport } from './work.js';

const metrics = createMetrics<Counter>(Date.now, (line) => console.log(line));
const ports = createPorts(readEnv(process.env), metrics.count);

export async function handler(event: unknown, context: Context): Promise<WorkReport> {
  try {
    return await work(ports, workMessageSchema.parse(event), () =>
      context.getRemainingTimeInMillis(),
    );
  } finally {
    metrics.flush();
  }
}
