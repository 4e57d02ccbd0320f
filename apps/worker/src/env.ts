import { LIMITS } from '@orchestra/workflow-core';
import * as z from 'zod';

const jsonText = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
});

const schema = z.object({
  TABLE_NAME: z.string().min(1),
  /** Logical name -> ARN: only these functions can ever be invoked. */
  TASK_FUNCTIONS: jsonText.pipe(z.record(z.string(), z.string())),
  /** Logical name -> how many tasks it takes at once: any number without it. */
  TASK_LIMITS: jsonText.pipe(z.record(z.string(), z.int().min(1))).default({}),
  /** Of tasks whose definition gives none. */
  TASK_TIMEOUT_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(LIMITS.taskTimeoutSeconds.max)
    .default(LIMITS.taskTimeoutSeconds.default),
  /** Added to a task's timeout to make its lease: the time a worker has to record an outcome. */
  LEASE_MARGIN_SECONDS: z.coerce.number().int().min(1).max(300).default(15),
  /** When the sweep looks first at a workflow that is started here. */
  FIRST_CHECK_SECONDS: z.coerce.number().int().min(1).max(300).default(60),
});

export type Env = z.infer<typeof schema>;

/** @throws with the names of all variables that are missing or wrong */
export function readEnv(variables: NodeJS.ProcessEnv): Env {
  const parsed = schema.safeParse(variables);
  if (parsed.success) return parsed.data;
  throw new Error(`the function's environment is wrong: ${z.prettifyError(parsed.error)}`);
}
