/**
 * Names for the moments of a run at which something can be killed: which function, doing what, for the how manieth time in
 * the course of one workflow. Calls that are about no workflow, as a sweep's look for due ones, are counted beside them.
 */
import type { PassingCall } from '../aws-endpoint/faults.js';

/** `OrchestrationStack-WorkerFunctionAF8A26AF` is `Worker`. */
export const plainName = (logicalId: string): string =>
  logicalId.replace(/[0-9A-F]{8}$/, '').replace(/Function$/, '');

/** @param nameOf the plain name of a function by its name or ARN */
export function callLabel(call: PassingCall, nameOf: (name: string) => string): string {
  const { caller, operation, functionName } = call;
  const target = functionName === undefined ? indexOf(call) : nameOf(functionName);
  return [nameOf(caller), operation, target].filter((part) => part !== '').join(' ');
}

export function invocationLabel(name: string, payload: string): string {
  return `${name} ${payload.startsWith('{"Records":') ? 'batch' : 'event'}`;
}

/** Counts labels of one workflow. */
export class Labels {
  readonly #counts = new Map<string, number>();
  readonly #reached: string[] = [];

  constructor(private readonly workflowId: string) {}

  /** The label with its ordinal; undefined: it is about another workflow. */
  reach(label: string, content: Buffer | string): string | undefined {
    const isAbout = content.includes(this.workflowId);
    if (!isAbout && /WORKFLOW#|"workflowId"/.test(content.toString())) return undefined;
    const scoped = isAbout ? label : `${label} aside`;
    const count = (this.#counts.get(scoped) ?? 0) + 1;
    this.#counts.set(scoped, count);
    const reached = `${scoped} #${count}`;
    this.#reached.push(reached);
    return reached;
  }

  get reached(): readonly string[] {
    return this.#reached;
  }
}

function indexOf({ service, body }: PassingCall): string {
  return service === 'dynamodb' ? (/"IndexName":"(\w+)"/.exec(body.toString())?.[1] ?? '') : '';
}
