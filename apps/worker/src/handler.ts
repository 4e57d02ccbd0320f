/** The Lambda: one message, tasks of one workflow. */
import { workMessageSchema } from '@orchestra/workflow-core';
import { createPorts } from './dependencies.js';
import { readEnv } from './env.js';
import { work, type WorkReport } from './work.js';

const ports = createPorts(readEnv(process.env));

export async function handler(event: unknown): Promise<WorkReport> {
  return work(ports, workMessageSchema.parse(event));
}
