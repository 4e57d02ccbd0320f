/** The use cases without their Lambda, for tools that bring a world of their own. */
export { answerCallback, beatCallback } from './answer.js';
export { controlWorkflow } from './control.js';
export { Memory } from './memory.js';
export { DispatchError, type Ports } from './ports.js';
export { redriveWorkflow } from './redrive.js';
export { startWorkflow } from './start.js';
export { cancelWorkflow } from './stop.js';
export { advanceBatch, type StreamOutcome, type StreamRecord } from './stream.js';
export { check, sweep } from './sweep.js';
export { overrideTask } from './task-orders.js';
