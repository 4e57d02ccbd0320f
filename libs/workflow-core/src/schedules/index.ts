/** When schedules are due and what they do then. An entry of its own: a browser needs no calendar of ours. */
export {
  LATE_MS,
  decided,
  nextStep,
  passed,
  workflowIdAt,
  type Previous,
  type Step,
} from './firing.js';
export { ordered, switched } from './ordering.js';
export { nextTime, rateMs, timesAfter, timingIssues } from './times.js';
