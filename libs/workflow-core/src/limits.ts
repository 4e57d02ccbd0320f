/** Every limit of the product, in one place. Each has a clear error and a test. */
export const LIMITS = {
  /** Characters of a workflow, task or definition id. */
  idLength: 128,
  tasksPerWorkflow: 10_000,
  edgesPerWorkflow: 40_000,
  /** Bytes of a definition's body, and of any other request's. */
  definitionBytes: 4 * 1024 * 1024,
  bodyBytes: 1024 * 1024,
  /** Of one workflow: each has an entry of its own in the index. */
  tags: 10,
  tagLength: 64,
  /** Nesting of any JSON document. */
  jsonDepth: 32,
  /** Bytes of one input or output, as JSON. */
  payloadBytes: 5 * 1024 * 1024,
  /** Bytes of what a function is invoked with: Lambda's own limit. */
  invocationBytes: 6 * 1024 * 1024,
  /** Bytes of JSON that may ride inside an item, so that a state change stays one write unit. */
  inlinePayloadBytes: 500,
  /** Characters of a task's error kept in its item. */
  errorMessageLength: 1_000,
  errorTraceLength: 4_000,
  taskTimeoutSeconds: { default: 60, max: 14 * 60 },
  /** A workflow that has no timeout of its own. */
  workflowTimeoutSeconds: { default: 30 * 24 * 3600, max: 400 * 24 * 3600 },
  /** Kept after the workflow's deadline, then removed by TTL. */
  retentionSeconds: 90 * 24 * 3600,
  /** Of one `wait` or `callback`. */
  waitSeconds: 366 * 24 * 3600,
  /** Items of one map; together they are held to `payloadBytes`, and each to `itemBytes`. */
  itemsPerMap: 10_000,
  /** Bytes of one item of a map, as JSON. */
  itemBytes: 256 * 1024,
  /** Characters of an item's label. */
  labelLength: 200,
  /** Workflows of a definition and key that run at once. */
  concurrency: 1_000,
  /** Characters of a concurrency key. */
  concurrencyKeyLength: 128,
  /** Tasks of each kind of hook. */
  hooks: 20,
  /** A workflow, its child, the child of that, and so on. */
  workflowDepth: 8,
  /** Of one attempt of a task that waits for a callback. */
  heartbeats: 10_000,
  /** Pauses and resumes of one workflow: each stays in its META item for ever. */
  controls: 200,
  /** Tasks whose input, output or skip one redrive may set. */
  overridesPerRedrive: 20,
  schedules: 1_000,
  /** Characters of a cron, a rate or a time zone. */
  cronLength: 100,
  /** Bytes of the input of a schedule, as JSON: all of it is one item. */
  scheduleInputBytes: 256 * 1024,
  /** Times a schedule starts at once when it catches up. */
  catchUp: 100,
  /** Characters of the name of whoever gave an order. */
  whoLength: 100,
  /** In one message to a worker. */
  tasksPerMessage: 25,
  /** How often a task whose worker died runs again in an epoch, whatever its retry policy says. */
  lostWorkerReruns: 3,
  retry: {
    maxAttempts: 100,
    intervalSeconds: 24 * 3600,
    backoffRate: 10,
    maxDelaySeconds: 7 * 24 * 3600,
    /** Names in `retryOn` or `doNotRetryOn`. */
    errorTypes: 50,
  },
  /** Of one workflow: each stays in its META item for ever. */
  redrives: 100,
  /** Characters of all of them as JSON, above which no other follows: with its pauses META stays below DynamoDB's 400 KB. */
  redrivesLength: 200_000,
  /** Tasks an operator may name in one redrive. */
  tasksPerRedrive: 100,
  /** Characters of an operator's words. */
  noteLength: 500,
  /** Bounds of an expression; all but `length` of those of one task together. */
  expression: {
    /** Characters of its text. */
    length: 10_000,
    /** Of the clock, which counts more on a loaded machine: the steps are there to end a runaway before. */
    milliseconds: 3_000,
    /** Evaluations of a node of its syntax tree: what an endless loop runs into. */
    steps: 250_000,
    /** Of them, how many may wait for others at once: what endless recursion runs into. */
    depth: 20_000,
    /** Entries of any list on the way. */
    items: 1_000_000,
    /** Megabytes of heap of the process that evaluates it. */
    memoryMb: 128,
  },
  /** Tasks in one answer; a workflow with more is read in pages. */
  taskPageSize: { default: 200, max: 1_000 },
  definitionPageSize: { default: 50, max: 200 },
  schedulePageSize: { default: 50, max: 200 },
  eventPageSize: { default: 200, max: 1_000 },
  listPageSize: { default: 50, max: 200 },
} as const;

/** The form of every id a user may choose. */
export const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

const PROTOTYPE_NAMES = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype']);

/** Why `id` cannot be an id, in words for its author; undefined when it can. */
export function idProblem(id: string): string | undefined {
  if (id.length > LIMITS.idLength) return `must have at most ${LIMITS.idLength} characters`;
  if (!ID_PATTERN.test(id))
    return 'must start with a letter or digit and hold only letters, digits, ".", "_" and "-"';
  if (PROTOTYPE_NAMES.has(id)) return 'must not be the name of a built-in property';
  return undefined;
}
