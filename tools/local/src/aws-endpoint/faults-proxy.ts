/** Carries a fault plan out, call by call. Events it holds or sends again are given up when it is closed. */
import { randomUUID } from 'node:crypto';
import { systemClock, type Clock } from '../schedule/clock.js';
import { serverError, throttled } from './faults-answers.js';
import { failStatements, leaveUnprocessed } from './faults-batch.js';
import { decideFault, type Fault, type FaultPlan } from './faults-plan.js';
import {
  ConnectionLostError,
  type Apply,
  type CallHook,
  type PassingAnswer,
  type PassingCall,
} from './faults.js';
import { OPERATOR } from './identities.js';

export interface FaultProxyOptions {
  readonly plan: FaultPlan;
  readonly onFault?: (fault: Fault, call: PassingCall) => void;
  readonly clock?: Clock;
}

export interface FaultProxy {
  readonly hook: CallHook;
  /** From now on everything passes as it is. */
  close(): void;
}

export function createFaultProxy(options: FaultProxyOptions): FaultProxy {
  const proxy = new FaultInjector(options);
  return { hook: (call, apply) => proxy.pass(call, apply), close: () => proxy.close() };
}

class FaultInjector {
  readonly #plan: FaultPlan;
  readonly #onFault: NonNullable<FaultProxyOptions['onFault']>;
  readonly #clock: Clock;
  readonly #ordinals = new Map<string, number>();
  /** Events that wait to be overtaken, by the function they are for. */
  readonly #held = new Map<string, () => void>();
  readonly #timers = new Set<() => void>();
  #spent = 0;
  #closed = false;

  constructor({ plan, onFault = () => undefined, clock = systemClock }: FaultProxyOptions) {
    this.#plan = plan;
    this.#onFault = onFault;
    this.#clock = clock;
  }

  async pass(call: PassingCall, apply: Apply): Promise<PassingAnswer> {
    const fault = this.#faultOf(call);
    const answer = await (fault ? this.#with(fault, call, apply) : apply());
    if (isEvent(call) && fault?.kind !== 'eventHeld') this.#release(call.functionName ?? '');
    return answer;
  }

  close(): void {
    this.#closed = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#held.clear();
  }

  #faultOf(call: PassingCall): Fault | undefined {
    if (this.#closed || call.caller === OPERATOR.name) return undefined;
    const label = `${call.caller} ${call.operation}`;
    const ordinal = (this.#ordinals.get(label) ?? 0) + 1;
    this.#ordinals.set(label, ordinal);
    const fault = decideFault(this.#plan, { ...call, ordinal, spent: this.#spent });
    if (fault === undefined) return undefined;
    this.#spent += 1;
    this.#onFault(fault, call);
    return fault;
  }

  async #with(fault: Fault, call: PassingCall, apply: Apply): Promise<PassingAnswer> {
    switch (fault.kind) {
      case 'replyLost':
        await apply();
        throw new ConnectionLostError('the reply is lost');
      case 'requestLost':
        throw new ConnectionLostError('the request is lost');
      case 'throttled':
        return throttled(call, fault.code);
      case 'serverError':
        return serverError(call);
      case 'unprocessed':
        return leaveUnprocessed(call, apply, fault.picks);
      case 'statementErrors':
        return failStatements(call, apply, fault.picks, fault.code);
      case 'eventDropped':
        return accepted();
      case 'eventDuplicated':
        this.#later(fault.afterMs, apply);
        return apply();
      case 'eventHeld':
        this.#hold(call.functionName ?? '', fault.forMs, apply);
        return accepted();
    }
  }

  /** One at a time for each function: a second one takes the place of the first, which goes now. */
  #hold(functionName: string, forMs: number, apply: Apply): void {
    this.#release(functionName);
    const send = () => {
      cancel();
      if (this.#held.get(functionName) === send) this.#held.delete(functionName);
      unheard(apply);
    };
    const cancel = this.#after(forMs, send);
    this.#held.set(functionName, send);
  }

  #release(functionName: string): void {
    this.#held.get(functionName)?.();
  }

  #later(afterMs: number, apply: Apply): void {
    this.#after(afterMs, () => unheard(apply));
  }

  #after(afterMs: number, action: () => void): () => void {
    const cancel = this.#clock.after(afterMs, () => {
      this.#timers.delete(cancel);
      action();
    });
    this.#timers.add(cancel);
    return () => {
      this.#timers.delete(cancel);
      cancel();
    };
  }
}

/** Nobody waits for this one, and a runtime that stops meanwhile refuses it. */
function unheard(apply: Apply): void {
  apply().catch(() => undefined);
}

const isEvent = ({ service, invocationType }: PassingCall) =>
  service === 'lambda' && invocationType === 'Event';

const accepted = (): PassingAnswer => ({
  statusCode: 202,
  headers: { 'x-amzn-requestid': randomUUID() },
  body: '',
});
