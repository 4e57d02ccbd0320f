import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** What may differ from one deployment to the next; everything else is the same for all. */
export interface Settings {
  /** Web origins that may call the API, or `*` alone for any. */
  readonly corsOrigins: readonly string[];
  /** Whether task B3 ships as a container image; without it deploying needs no Docker. */
  readonly containerTask: boolean;
  /** Whether the table and the images outlive their stack and cannot be deleted by mistake. */
  readonly retainData: boolean;
  /** One of the periods CloudWatch Logs knows, in days. */
  readonly logRetentionDays: RetentionDays;
  /** Requests per second that the API accepts over time. */
  readonly throttleRate: number;
  /** Requests that the API accepts at once. */
  readonly throttleBurst: number;
  /** Executions at once that are kept for the orchestrator; 0 keeps none. */
  readonly orchestratorConcurrency: number;
  /** Of task functions that take only so many tasks at once: how many, by name. */
  readonly taskLimits: Readonly<Record<string, number>>;
  /** Who is told when an alarm fires; nobody when absent. */
  readonly alarmEmail: string | undefined;
}

/** A context value that cannot be used; the message is the one line its user needs. */
export class ContextError extends Error {
  override readonly name = 'ContextError';

  constructor(
    readonly key: string,
    expected: string,
    value: unknown,
  ) {
    super(`Context "${key}" must be ${expected}; it is ${JSON.stringify(value)}.`);
  }
}

/** Where context is read from: the `node` of a CDK app. */
export interface ContextSource {
  tryGetContext(key: string): unknown;
}

/**
 * Reads the settings from `cdk.json` and `-c key=value`; the command line gives strings only.
 *
 * @throws ContextError for the first value that cannot be used
 */
export function readSettings(source: ContextSource): Settings {
  const read = <T>(key: keyof Settings, parse: Parse<T>, fallback: T): T => {
    const value = source.tryGetContext(key);
    return value === undefined ? fallback : parse(key, value);
  };
  return {
    corsOrigins: read('corsOrigins', parseOrigins, ['*']),
    containerTask: read('containerTask', parseFlag, true),
    retainData: read('retainData', parseFlag, false),
    logRetentionDays: read('logRetentionDays', parseRetention, RetentionDays.ONE_MONTH),
    throttleRate: read('throttleRate', parseLimit, 100),
    throttleBurst: read('throttleBurst', parseLimit, 200),
    orchestratorConcurrency: read('orchestratorConcurrency', parseConcurrency, 20),
    taskLimits: read('taskLimits', parseTaskLimits, {}),
    alarmEmail: read<string | undefined>('alarmEmail', parseEmail, undefined),
  };
}

type Parse<T> = (key: string, value: unknown) => T;

/** The account's own quota in most regions, and so the most a stage can mean. */
const MAX_REQUESTS_PER_SECOND = 10_000;

const RETENTION_PERIODS = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);

const parseFlag: Parse<boolean> = (key, value) => {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new ContextError(key, 'true or false', value);
};

const parseLimit: Parse<number> = (key, value) => {
  const limit = toWholeNumber(value);
  if (limit !== undefined && limit >= 1 && limit <= MAX_REQUESTS_PER_SECOND) return limit;
  throw new ContextError(key, `a whole number from 1 to ${MAX_REQUESTS_PER_SECOND}`, value);
};

const parseConcurrency: Parse<number> = (key, value) => {
  const count = toWholeNumber(value);
  if (count !== undefined && count >= 0) return count;
  throw new ContextError(key, 'a whole number, 0 for none', value);
};

const parseRetention: Parse<RetentionDays> = (key, value) => {
  const period = RETENTION_PERIODS.find((days) => days === toWholeNumber(value));
  if (period !== undefined) return period;
  throw new ContextError(key, `one of ${RETENTION_PERIODS.join(', ')}`, value);
};

const parseOrigins: Parse<readonly string[]> = (key, value) => {
  const origins = typeof value === 'string' ? value.split(',').map((each) => each.trim()) : [];
  const usable = origins.length === 1 && origins[0] === '*' ? true : origins.every(isOrigin);
  if (origins.length > 0 && usable) return origins;
  throw new ContextError(
    key,
    'origins such as "https://a.example,https://b.example", or "*"',
    value,
  );
};

/** So many items are read at once by whoever looks for a free place. */
const MAX_TASK_LIMIT = 1_000;

const parseTaskLimits: Parse<Readonly<Record<string, number>>> = (key, value) => {
  const limits = Object.entries(toObject(value)).map(
    ([name, limit]) => [name, toWholeNumber(limit) ?? 0] as const,
  );
  if (limits.length > 0 && limits.every(([, limit]) => limit >= 1 && limit <= MAX_TASK_LIMIT))
    return Object.fromEntries(limits);
  throw new ContextError(key, `{"<name>": <1 to ${MAX_TASK_LIMIT}>}, such as {"B1": 2}`, value);
};

const parseEmail: Parse<string> = (key, value) => {
  if (typeof value === 'string' && /^[^\s@]+@[^\s@]+$/.test(value)) return value;
  throw new ContextError(key, 'an e-mail address', value);
};

function toWholeNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? value : undefined;
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

/** Of one that is none, or of a text that is not the JSON of one, nothing. */
function toObject(value: unknown): object {
  if (typeof value === 'object' && value !== null) return value;
  try {
    const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : undefined;
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

/** An origin is scheme, host and port: with a path or a final slash no browser would ever match it. */
function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
