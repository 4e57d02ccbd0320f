import { rounded, tableOf } from '../report/table.js';
import { lostStatements, requestsToTable } from '../scale/cost.js';
import { costOfItem, type MeasuredMap } from './map-cost.js';

export const mapTable = (runs: readonly MeasuredMap[]): string =>
  tableOf(runs, [
    { title: 'Items', of: ({ items }) => items },
    { title: 'maxConcurrency', of: ({ width }) => width },
    { title: 'At once', of: ({ atOnce }) => atOnce },
    { title: 'Seconds', of: ({ seconds }) => rounded(seconds, 1) },
    { title: 'Milliseconds per item', of: (run) => rounded((run.seconds * 1_000) / run.items, 1) },
    { title: 'Write units per item', of: (run) => rounded(costOfItem(run).writeUnits, 3) },
    { title: 'Lost conditions', of: lostStatements },
    { title: 'Read units per item', of: (run) => rounded(costOfItem(run).readUnits, 2) },
    { title: 'Requests per item', of: (run) => rounded(costOfItem(run).requests, 3) },
    { title: 'Requests to the table', of: requestsToTable },
    { title: 'Orchestrator passes', of: ({ passes }) => passes['Orchestrator'] ?? 0 },
    { title: 'Worker passes', of: ({ passes }) => passes['Worker'] ?? 0 },
  ]);
