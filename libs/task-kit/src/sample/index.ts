export type { InvocationContext, TaskHandler } from '../define-task.js';
export {
  defineSampleTask,
  SampleFailure,
  type SampleOutput,
  type SampleSystem,
  type SampleTask,
} from './sample-task.js';
export { InvalidSampleInputError, type SampleInput } from './sample-input.js';
export {
  MissingUpstreamResultError,
  upstreamNumber,
  upstreamNumbers,
  upstreamText,
} from './upstream-result.js';
export { checksum } from './checksum.js';
