/** The only reader of the environment: a function that lacks a setting fails at its cold start, naming it. */
import * as z from 'zod';
import { corsOriginsSchema } from './cors-origins.js';

const envSchema = z.object({
  TABLE_NAME: z.string().min(1),
  ORCHESTRATOR_ARN: z.string().min(1),
  CORS_ORIGINS: corsOriginsSchema,
});
export type Env = z.infer<typeof envSchema>;

/** @throws when a variable is missing or wrong; the message names each. */
export function readEnv(env: NodeJS.ProcessEnv = process.env): Env {
  const parsed = envSchema.safeParse(env);
  if (!parsed.success) throw new Error(`environment: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
