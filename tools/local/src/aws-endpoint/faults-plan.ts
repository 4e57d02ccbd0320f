/**
 * Which calls go wrong, and how. Pure: the same seed, label, ordinal and number of faults so far give the same answer, so a
 * seed names a mix of faults whatever the timing of a run.
 */
import type { PassingCall } from './faults.js';

export const THROTTLES = ['ProvisionedThroughputExceededException', 'ThrottlingException'] as const;
export const STATEMENT_ERRORS = [
  'ThrottlingError',
  'InternalServerError',
  'TransactionConflict',
  'ProvisionedThroughputExceeded',
] as const;

export type Fault =
  /** Applied; the caller never hears of it. */
  | { readonly kind: 'replyLost' }
  /** Not applied; the caller never hears of it. */
  | { readonly kind: 'requestLost' }
  | { readonly kind: 'throttled'; readonly code: (typeof THROTTLES)[number] }
  | { readonly kind: 'serverError' }
  /** Of a batch, the parts that `picks` says are left undone; one at least. */
  | { readonly kind: 'unprocessed'; readonly picks: Picks }
  /** The same of a batch of statements, each with its own error. */
  | {
      readonly kind: 'statementErrors';
      readonly picks: Picks;
      readonly code: (typeof STATEMENT_ERRORS)[number];
    }
  /** An asynchronous event that is accepted and never runs, */
  | { readonly kind: 'eventDropped' }
  /** runs twice, */
  | { readonly kind: 'eventDuplicated'; readonly afterMs: number }
  /** or is overtaken by those after it. */
  | { readonly kind: 'eventHeld'; readonly forMs: number };

export type FaultKind = Fault['kind'];

/** Whether the n-th part of a batch is left undone. */
export type Picks = (part: number) => boolean;

export interface FaultPlan {
  readonly seed: number;
  /** The share of calls that go wrong, 0 to 1. */
  readonly rate: number;
  /** After so many faults nothing goes wrong any more. */
  readonly budget: number;
  /** Default: all. */
  readonly kinds?: readonly FaultKind[];
}

export type PlannedCall = Pick<
  PassingCall,
  'service' | 'operation' | 'caller' | 'invocationType'
> & {
  /** 1-based, among the calls of the same caller and operation. */
  readonly ordinal: number;
  /** Faults so far. */
  readonly spent: number;
};

export function decideFault(plan: FaultPlan, call: PlannedCall): Fault | undefined {
  const { seed, rate, budget, kinds } = plan;
  if (call.spent >= budget) return undefined;
  const random = randomOf(seed ^ hash(`${call.caller} ${call.operation} ${call.ordinal}`));
  if (random() >= rate) return undefined;
  const possible = faultsOf(call, random).filter(({ kind }) => kinds?.includes(kind) ?? true);
  return possible.length === 0 ? undefined : oneOf(possible, random());
}

function faultsOf(
  { service, operation, invocationType }: PlannedCall,
  random: () => number,
): readonly Fault[] {
  const anywhere: readonly Fault[] = [
    { kind: 'replyLost' },
    { kind: 'requestLost' },
    { kind: 'throttled', code: oneOf(THROTTLES, random()) },
    { kind: 'serverError' },
  ];
  if (service === 'lambda' && invocationType === 'Event')
    return [...anywhere, ...eventFaults(random)];
  if (service !== 'dynamodb') return anywhere;
  const picks = picksOf(random);
  switch (operation) {
    case 'BatchGetItem':
    case 'BatchWriteItem':
      return [...anywhere, { kind: 'unprocessed', picks }];
    case 'BatchExecuteStatement':
      return [
        ...anywhere,
        { kind: 'statementErrors', picks, code: oneOf(STATEMENT_ERRORS, random()) },
      ];
    default:
      return anywhere;
  }
}

/** The longest a copy of an event lags behind is longer than a lease of these tests. */
const LATE_MS = 4_000;

const eventFaults = (random: () => number): readonly Fault[] => [
  { kind: 'eventDropped' },
  { kind: 'eventDuplicated', afterMs: 0 },
  { kind: 'eventDuplicated', afterMs: Math.round(random() * LATE_MS) },
  { kind: 'eventHeld', forMs: Math.round(random() * 1_000) },
];

/** Half of the parts, and the first of them in any case. */
function picksOf(random: () => number): Picks {
  const own = Math.floor(random() * 2 ** 32);
  return (part) => part === 0 || randomOf(own ^ part)() < 0.5;
}

export function oneOf<T>(all: readonly T[], random: number): T {
  return all[Math.min(Math.floor(random * all.length), all.length - 1)] as T;
}

/** FNV-1a. */
function hash(text: string): number {
  let result = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1)
    result = Math.imul(result ^ text.charCodeAt(at), 0x01000193);
  return result >>> 0;
}

/** Mulberry32: numbers from 0 up to 1. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
