/** What the process that runs a stack under faults, and the one that watches it, say to each other. */
import * as z from 'zod';

export const SIDES = ['before', 'after'] as const;
export type Side = (typeof SIDES)[number];

/** `sandbox`: the one that makes the call, or runs the event. `runtime`: the poller, the queue, all of it. */
export const VICTIMS = ['sandbox', 'engine', 'runtime'] as const;
export type Victim = (typeof VICTIMS)[number];

/** A labelled point, a side of it, and who is killed there. */
export const shotSchema = z.object({
  label: z.string(),
  side: z.enum(SIDES),
  victim: z.enum(VICTIMS),
});
export type Shot = z.infer<typeof shotSchema>;

/** Of a random kill: whose sandbox, or the engine. The runtime is killed from outside. */
export const TARGETS = ['worker', 'orchestrator', 'task', 'engine'] as const;
export type Target = (typeof TARGETS)[number];

export const settingsSchema = z.object({
  dataDirectory: z.string(),
  assemblyDirectory: z.string(),
  /** Variables of the functions. */
  environment: z.record(z.string(), z.string()),
  faults: z.object({ seed: z.number(), rate: z.number(), budget: z.number() }),
});
export type Settings = z.infer<typeof settingsSchema>;

const id = z.int();
export const requestSchema = z.discriminatedUnion('ask', [
  /** From now on labels are counted anew, of calls that are about this workflow. */
  z.object({ id, ask: z.literal('watch'), workflowId: z.string() }),
  /** Those reached since. Answer: a list of labels. */
  z.object({ id, ask: z.literal('labels') }),
  z.object({ id, ask: z.literal('arm'), shot: shotSchema }),
  z.object({ id, ask: z.literal('disarm') }),
  /** Kills every sandbox: what follows starts cold. */
  z.object({ id, ask: z.literal('chill') }),
  /** Answer: how many processes it hit. `draw`, 0 to 1, says which of several. */
  z.object({ id, ask: z.literal('kill'), target: z.enum(TARGETS), draw: z.number() }),
  /** No fault from now on. */
  z.object({ id, ask: z.literal('calm') }),
  /** Answer: sums of the functions' metrics, by name. */
  z.object({ id, ask: z.literal('metrics') }),
  z.object({ id, ask: z.literal('stop') }),
]);
export type Request = z.infer<typeof requestSchema>;

export const metricsSchema = z.record(z.string(), z.number());

export const addressesSchema = z.object({
  awsEndpointUrl: z.string(),
  engineUrl: z.string(),
  tableName: z.string(),
  orchestrator: z.string(),
  ledgerFile: z.string(),
});
export type Addresses = z.infer<typeof addressesSchema>;

export const eventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready'), addresses: addressesSchema }),
  z.object({ kind: z.literal('answer'), id, value: z.unknown().optional() }),
  z.object({ kind: z.literal('refused'), id, reason: z.string() }),
  /** The armed shot was taken; `hit`: how many processes. */
  z.object({ kind: z.literal('fired'), shot: shotSchema, hit: z.int() }),
  z.object({ kind: z.literal('fault'), fault: z.string() }),
  z.object({ kind: z.literal('notice'), text: z.string() }),
  z.object({ kind: z.literal('failed'), reason: z.string() }),
]);
export type SoakEvent = z.infer<typeof eventSchema>;
