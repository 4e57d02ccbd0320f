/** The labelled points of a running stack, and the one shot that may be taken at one of them. Lives in the runtime. */
import { ConnectionLostError, type CallHook, type PassingAnswer } from '../aws-endpoint/faults.js';
import type { InvocationHook } from '../functions/functions.js';
import { callLabel, invocationLabel, Labels } from './labels.js';
import type { Shot, Side } from './protocol.js';

/** Who is at work at a point. */
export interface Actor {
  readonly functionName: string;
  /** Of the one invocation; undefined: no sandbox has it yet, or any more. */
  readonly traceHeader?: string;
}

export interface PointsOptions {
  /** The plain name of a function, by its name or ARN. */
  readonly nameOf: (nameOrArn: string) => string;
  /** Carries a shot out. Never returns when it kills this process. */
  readonly fire: (shot: Shot, actor: Actor) => Promise<void>;
  /** What calls meet behind the points. */
  readonly inner: CallHook;
}

const KILLED = JSON.stringify({
  errorType: 'Runtime.ExitError',
  errorMessage: 'Runtime exited with error: signal: killed',
});

export class Points {
  #labels: Labels | undefined;
  #shot: Shot | undefined;

  constructor(private readonly options: PointsOptions) {}

  watch(workflowId: string): void {
    this.#labels = new Labels(workflowId);
    this.#shot = undefined;
  }

  get reached(): readonly string[] {
    return this.#labels?.reached ?? [];
  }

  arm(shot: Shot): void {
    this.#shot = shot;
  }

  disarm(): void {
    this.#shot = undefined;
  }

  /** A caller that is killed hears nothing: before, its call is not applied; after, it is. */
  readonly call: CallHook = async (call, apply): Promise<PassingAnswer> => {
    const { nameOf, inner } = this.options;
    const label =
      call.caller === 'operator'
        ? undefined
        : this.#labels?.reach(callLabel(call, nameOf), call.body);
    const actor = {
      functionName: call.caller,
      ...(call.traceHeader ? { traceHeader: call.traceHeader } : {}),
    };
    await this.#callerKilled(label, 'before', actor);
    const answer = await inner(call, apply);
    await this.#callerKilled(label, 'after', actor);
    return answer;
  };

  /** Before: the sandboxes that could take the event are gone. After: it ran, and its answer is lost with its sandbox. */
  readonly invocation: InvocationHook = async (fn, payload, run) => {
    const label = this.#labels?.reach(
      invocationLabel(this.options.nameOf(fn.name), payload),
      payload,
    );
    await this.#passed(label, 'before', { functionName: fn.name });
    const result = await run();
    const shot = await this.#passed(label, 'after', { functionName: fn.name });
    if (shot?.victim !== 'sandbox') return result;
    return { requestId: result.requestId, payload: KILLED, functionError: 'Unhandled' };
  };

  async #callerKilled(label: string | undefined, side: Side, actor: Actor): Promise<void> {
    const shot = await this.#passed(label, side, actor);
    if (shot?.victim === 'sandbox') throw new ConnectionLostError('the caller was killed');
  }

  async #passed(label: string | undefined, side: Side, actor: Actor): Promise<Shot | undefined> {
    const shot = this.#shot;
    if (label === undefined || shot?.label !== label || shot.side !== side) return undefined;
    this.#shot = undefined;
    await this.options.fire(shot, actor);
    return shot;
  }
}
