import type { Usage } from './capacity.js';

/** Sums since the start or the last reset. */
export interface Counts {
  /** Requests by operation: `PutItem`, `Invoke`. */
  readonly requests: Readonly<Record<string, number>>;
  /** Requests that were answered with an error, by its code. */
  readonly requestErrors: Readonly<Record<string, number>>;
  /** Failed statements of `BatchExecuteStatement`, by their code; they cost a unit on AWS and report none. */
  readonly statementErrors: Readonly<Record<string, number>>;
  readonly tableWriteUnits: number;
  /** Of all indexes together. */
  readonly indexWriteUnits: number;
  readonly indexWriteUnitsByName: Readonly<Record<string, number>>;
  readonly readUnits: number;
}

export interface MeterReading extends Counts {
  /** The same by the name of the function that called; `operator` is a person on this machine. */
  readonly byCaller: Readonly<Record<string, Counts>>;
}

/** One call of a function to AWS, once it is answered. */
export interface AwsCall {
  readonly service: 'dynamodb' | 'lambda' | 'sqs';
  readonly operation: string;
  readonly caller: string;
  /** What was sent: DynamoDB's or SQS's request, or `{ functionName, invocationType }`. */
  readonly request: unknown;
  readonly statusCode: number;
  /** The error's code when the call failed. */
  readonly errorCode?: string;
  readonly usage: Usage;
  readonly durationMs: number;
}

/** Counts what the functions ask of AWS, whoever asks. */
export class Meter {
  #total = new Tally();
  #byCaller = new Map<string, Tally>();

  record(call: AwsCall): void {
    const own = this.#byCaller.get(call.caller) ?? new Tally();
    this.#byCaller.set(call.caller, own);
    for (const tally of [this.#total, own]) tally.add(call);
  }

  read(): MeterReading {
    const byCaller = [...this.#byCaller].map(([name, tally]) => [name, tally.counts()] as const);
    return { ...this.#total.counts(), byCaller: Object.fromEntries(byCaller) };
  }

  reset(): void {
    this.#total = new Tally();
    this.#byCaller = new Map();
  }
}

class Tally {
  readonly #requests = new Map<string, number>();
  readonly #requestErrors = new Map<string, number>();
  readonly #statementErrors = new Map<string, number>();
  readonly #indexes = new Map<string, number>();
  #tableWriteUnits = 0;
  #readUnits = 0;

  add({ operation, errorCode, usage }: AwsCall): void {
    increase(this.#requests, operation, 1);
    if (errorCode !== undefined) increase(this.#requestErrors, errorCode, 1);
    for (const code of usage.statementErrors) increase(this.#statementErrors, code, 1);
    for (const [name, units] of Object.entries(usage.indexWriteUnits)) {
      increase(this.#indexes, name, units);
    }
    this.#tableWriteUnits += usage.tableWriteUnits;
    this.#readUnits += usage.readUnits;
  }

  counts(): Counts {
    return {
      requests: Object.fromEntries(this.#requests),
      requestErrors: Object.fromEntries(this.#requestErrors),
      statementErrors: Object.fromEntries(this.#statementErrors),
      tableWriteUnits: this.#tableWriteUnits,
      indexWriteUnits: [...this.#indexes.values()].reduce((total, units) => total + units, 0),
      indexWriteUnitsByName: Object.fromEntries(this.#indexes),
      readUnits: this.#readUnits,
    };
  }
}

function increase(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}
