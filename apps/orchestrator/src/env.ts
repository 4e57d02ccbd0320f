import * as z from 'zod';

const schema = z.object({
  TABLE_NAME: z.string().min(1),
  WORKER_ARN: z.string().min(1),
  /** Where a person looks for what concerns one workflow alone. */
  FAILURE_QUEUE_URL: z.url(),
  /** How old a fact must be before the sweep takes it for overlooked. */
  SWEEP_GRACE_SECONDS: z.coerce.number().min(0).default(30),
  /** The sweep's first look at a new workflow. One that ends sooner is never looked at. */
  FIRST_CHECK_SECONDS: z.coerce.number().min(1).default(60),
});

export type Env = z.infer<typeof schema>;

/** @throws with the names of all variables that are missing or wrong */
export function readEnv(variables: NodeJS.ProcessEnv): Env {
  const parsed = schema.safeParse(variables);
  if (parsed.success) return parsed.data;
  throw new Error(`the function's environment is wrong: ${z.prettifyError(parsed.error)}`);
}
