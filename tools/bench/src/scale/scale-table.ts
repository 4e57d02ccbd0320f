import { rounded, tableOf } from '../report/table.js';
import { costOf, lostStatements, requestsToTable, type Measured } from './cost.js';

const MEBIBYTE = 1024 ** 2;

/** In the order of a table row: what went to the table, by its operation. */
const OPERATIONS = ['BatchExecuteStatement', 'BatchGetItem', 'GetItem', 'Query'] as const;

const operations = ({ reading: { requests } }: Measured): string =>
  OPERATIONS.map((operation) => requests[operation] ?? 0).join(' / ');

export const scaleTable = (runs: readonly Measured[]): string =>
  tableOf(runs, [
    { title: 'Shape', of: ({ shape }) => shape },
    { title: 'Tasks', of: ({ tasks }) => tasks },
    { title: 'Edges', of: ({ edges }) => edges },
    { title: 'Seconds', of: ({ seconds }) => rounded(seconds, 1) },
    { title: 'Write units per task', of: (run) => rounded(costOf(run).writeUnits, 3) },
    { title: 'Lost conditions', of: lostStatements },
    { title: 'Index write units', of: ({ reading }) => reading.indexWriteUnits },
    { title: 'Read units per task', of: (run) => rounded(costOf(run).readUnits, 2) },
    { title: 'Requests to the table', of: requestsToTable },
    { title: `${OPERATIONS.join(' / ')}`, of: operations },
    { title: 'Orchestrator passes', of: ({ passes }) => passes['Orchestrator'] ?? 0 },
    { title: 'Worker passes', of: ({ passes }) => passes['Worker'] ?? 0 },
    { title: 'Memory, MiB', of: ({ usage }) => rounded(usage.peakBytes / MEBIBYTE, 0) },
    {
      title: 'of an orchestrator',
      of: ({ usage }) => rounded(usage.orchestratorPeakBytes / MEBIBYTE, 0),
    },
  ]);
