/** The only reader of the environment: a function that lacks a setting fails at its cold start, naming it. */
import * as z from 'zod';
import { corsOriginsSchema } from './cors-origins.js';

/** A JSON list of the names that definitions may call functions by. */
const functionNamesSchema = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  })
  .pipe(z.array(z.string().min(1)));

const envSchema = z.object({
  TABLE_NAME: z.string().min(1),
  ORCHESTRATOR_ARN: z.string().min(1),
  CORS_ORIGINS: corsOriginsSchema,
  TASK_FUNCTION_NAMES: functionNamesSchema,
});
export type Env = z.infer<typeof envSchema>;

/** @throws when a variable is missing or wrong; the message names each. */
export function readEnv(env: NodeJS.ProcessEnv = process.env): Env {
  const parsed = envSchema.safeParse(env);
  if (!parsed.success) throw new Error(`environment: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
